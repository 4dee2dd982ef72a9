import assert from 'node:assert/strict';
import test from 'node:test';
import { Ollama } from 'ollama';
import { forecast, model, question, tooLong, url } from './server.js';

const client = new Ollama({ host: url });
const ask = (content, more = {}) => ({
  model,
  messages: [{ role: 'user', content }],
  options: { temperature: 0, num_predict: 24 },
  ...more,
});

test('chat: text, counts, reason', async () => {
  const answer = await client.chat(ask('Hello!'));
  assert.equal(typeof answer.message.content, 'string');
  assert.equal(answer.done, true);
  assert.ok(['stop', 'length'].includes(answer.done_reason));
  assert.ok(answer.eval_count > 0);
});

test('stream: the pieces are the whole', async () => {
  const whole = await client.chat(ask('Tell me a story.'));
  let text = '';
  let done = false;
  for await (const part of await client.chat(ask('Tell me a story.', { stream: true }))) {
    text += part.message.content;
    done = part.done;
  }
  assert.equal(text, whole.message.content);
  assert.equal(done, true);
});

test('completions: text from a prompt, whole and in pieces', async () => {
  const request = { model, prompt: 'Hello!', options: { temperature: 0, num_predict: 12 } };
  const whole = await client.generate(request);
  let text = '';
  for await (const part of await client.generate({ ...request, stream: true })) {
    text += part.response;
  }
  assert.equal(text, whole.response);
});

test('structured: follows its schema', async () => {
  const answer = await client.chat(
    ask('The forecast.', { format: forecast, options: { temperature: 0, num_predict: 80 } }),
  );
  assert.ok(['clear', 'cloudy'].includes(JSON.parse(answer.message.content).sky));
});

test('tools: are taken, calls and their results may stand in the conversation', async () => {
  const tools = [
    { type: 'function', function: { name: 'weather', description: 'The weather', parameters: question } },
  ];
  const first = await client.chat(ask('What will the weather be today?', { tools }));
  for (const call of first.message.tool_calls ?? []) {
    assert.equal(typeof call.function.arguments, 'object'); // whether a small model calls at all is its own affair
  }
  const second = await client.chat({
    ...ask(''),
    tools,
    messages: [
      { role: 'user', content: 'What will the weather be today?' },
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'weather', arguments: { day: 'today' } } }] },
      { role: 'tool', tool_name: 'weather', content: 'clear' },
    ],
  });
  assert.ok(second.prompt_eval_count > 0);
  await assert.rejects(client.chat(ask('a', { tools: [{ type: 'function', function: {} }] })), (error) => {
    assert.equal(error.status_code, 400);
    assert.match(error.message, /name/);
    return true;
  });
});

test('models: list, show, version', async () => {
  const names = (await client.list()).models.map((one) => one.name.replace(/:latest$/, ''));
  assert.ok(names.includes(model), `${model} in ${names}`);
  const shown = await client.show({ model });
  assert.ok(shown.capabilities.includes('completion'));
  assert.match((await client.version()).version, /./);
});

test('embeddings: as many as texts', async () => {
  const { embeddings } = await client.embed({ model, input: ['a sparrow', 'a river'] });
  assert.equal(embeddings.length, 2);
});

test('errors: an unknown model, a prompt that is too long', async () => {
  await assert.rejects(client.chat(ask('a', { model: 'nowhere' })), (error) => {
    assert.equal(error.status_code, 404);
    assert.match(error.message, /nowhere/);
    return true;
  });
  await assert.rejects(client.chat(ask(tooLong)), (error) => {
    assert.equal(error.status_code, 400);
    return true;
  });
});

test('cancel: the server goes on answering others', async () => {
  const stream = await client.chat(
    ask('Tell me a story.', { stream: true, options: { temperature: 0, num_predict: 400 } }),
  );
  let parts = 0;
  try {
    for await (const part of stream) {
      if (++parts === 3) {
        stream.abort();
      }
    }
  } catch (error) {
    assert.equal(error.name, 'AbortError');
  }
  assert.equal((await client.chat(ask('Hello!', { options: { num_predict: 2 } }))).done, true);
});
