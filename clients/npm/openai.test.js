import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { model, question, tooLong, url } from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, timeout: 120_000 });
const ask = (content, more = {}) => ({
  model,
  messages: [{ role: 'user', content }],
  temperature: 0,
  max_completion_tokens: 24,
  ...more,
});

test('chat: text, usage, reason', async () => {
  const answer = await client.chat.completions.create(ask('Hello!'));
  assert.equal(typeof answer.choices[0].message.content, 'string');
  assert.ok(['stop', 'length'].includes(answer.choices[0].finish_reason));
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
});

test('stream: the pieces are the whole, usage comes last', async () => {
  const whole = await client.chat.completions.create(ask('Tell me a story.'));
  const stream = await client.chat.completions.create(
    ask('Tell me a story.', { stream: true, stream_options: { include_usage: true } }),
  );
  let text = '';
  let last;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    last = chunk;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, whole.usage.completion_tokens);
});

const tools = [{ type: 'function', function: { name: 'weather', parameters: question } }];

test('tools: a call, its result, an answer', async () => {
  const first = await client.chat.completions.create({
    ...ask('The weather?'),
    tools,
    tool_choice: { type: 'function', function: { name: 'weather' } },
    parallel_tool_calls: false,
    max_completion_tokens: 200,
  });
  const [choice] = first.choices;
  assert.equal(choice.finish_reason, 'tool_calls');
  const [call] = choice.message.tool_calls;
  assert.equal(call.function.name, 'weather');
  assert.equal(typeof JSON.parse(call.function.arguments), 'object');
  const second = await client.chat.completions.create({
    ...ask('The weather?'),
    messages: [
      { role: 'user', content: 'The weather?' },
      choice.message,
      { role: 'tool', tool_call_id: call.id, content: 'clear' },
    ],
    tools,
    tool_choice: 'none',
  });
  assert.ok(['stop', 'length'].includes(second.choices[0].finish_reason));
  assert.ok(second.usage.prompt_tokens > 0);
});

test('toolsStreamed: the helper puts the same call together', async () => {
  const request = {
    ...ask('The weather?'),
    tools,
    tool_choice: { type: 'function', function: { name: 'weather' } },
    parallel_tool_calls: false,
    max_completion_tokens: 80,
  };
  const whole = await client.chat.completions.create(request);
  const streamed = await client.chat.completions.stream(request).finalChatCompletion();
  const call = streamed.choices[0].message.tool_calls[0].function;
  assert.equal(call.name, 'weather');
  assert.equal(call.arguments, whole.choices[0].message.tool_calls[0].function.arguments);
});

test('structured: parsed by zod', async () => {
  const Forecast = z.object({ sky: z.enum(['clear', 'cloudy']), rain: z.boolean() });
  const answer = await client.chat.completions.parse(
    ask('The forecast.', { response_format: zodResponseFormat(Forecast, 'forecast'), max_completion_tokens: 80 }),
  );
  assert.ok(['clear', 'cloudy'].includes(answer.choices[0].message.parsed.sky));
});

test('responses: text, and the same in a stream', async () => {
  const request = { model, input: 'Hello!', temperature: 0, max_output_tokens: 24 };
  const whole = await client.responses.create(request);
  let text = '';
  for await (const event of await client.responses.create({ ...request, stream: true })) {
    text += event.type === 'response.output_text.delta' ? event.delta : '';
  }
  assert.equal(text, whole.output_text);
});

test('embeddings: as many as texts, of length one', async () => {
  const answer = await client.embeddings.create({ model, input: ['a sparrow', 'a river'] });
  assert.equal(answer.data.length, 2);
  const length = Math.hypot(...answer.data[0].embedding);
  assert.ok(Math.abs(length - 1) < 1e-3, `length ${length}`);
});

test('models: the one served', async () => {
  const ids = [];
  for await (const one of client.models.list()) {
    ids.push(one.id);
  }
  assert.ok(ids.includes(model));
});

test('errors: an unknown model, a wrong type, a prompt that is too long', async () => {
  await assert.rejects(client.chat.completions.create(ask('a', { model: 'nowhere' })), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
  await assert.rejects(client.chat.completions.create(ask('a', { temperature: 'hot' })), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'temperature');
    return true;
  });
  await assert.rejects(client.chat.completions.create(ask(tooLong)), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, 'context_length_exceeded');
    return true;
  });
});

test('cancel: the server goes on answering others', async () => {
  const stream = await client.chat.completions.create(
    ask('Tell me a story.', { stream: true, max_completion_tokens: 400, ignore_eos: true }),
  );
  let chunks = 0;
  for await (const chunk of stream) {
    if (++chunks === 3) {
      stream.controller.abort();
    }
  }
  assert.ok(chunks >= 3 && chunks < 300, `${chunks} chunks`);
  const next = await client.chat.completions.create(ask('Hello!', { max_completion_tokens: 2 }));
  assert.equal(next.choices.length, 1);
});
