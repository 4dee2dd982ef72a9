import assert from 'node:assert/strict';
import test from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { forecast, model, question, tooLong, url } from './server.js';

const client = new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0, timeout: 120_000 });
const ask = (content, more = {}) => ({
  model,
  messages: [{ role: 'user', content }],
  temperature: 0,
  max_tokens: 24,
  ...more,
});
const textOf = (message) =>
  message.content
    .filter((block) => block.type === 'text')
    .map((block) => block.text)
    .join('');

test('chat: text, usage, reason', async () => {
  const answer = await client.messages.create(ask('Hello!', { system: 'You are brief.' }));
  assert.equal(answer.role, 'assistant');
  assert.ok(['end_turn', 'max_tokens'].includes(answer.stop_reason));
  assert.ok(answer.usage.output_tokens > 0);
});

test('stream: the helper puts the same message together', async () => {
  const whole = await client.messages.create(ask('Tell me a story.'));
  let pieces = '';
  const streamed = await client.messages
    .stream(ask('Tell me a story.'))
    .on('text', (text) => (pieces += text))
    .finalMessage();
  assert.equal(pieces, textOf(whole));
  assert.equal(textOf(streamed), textOf(whole));
  assert.equal(streamed.stop_reason, whole.stop_reason);
  assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens);
});

const tools = [{ name: 'weather', input_schema: question }];

test('tools: a call, its result, an answer', async () => {
  const request = ask('The weather?', { tools, max_tokens: 200 });
  const first = await client.messages.create({
    ...request,
    tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
  });
  assert.equal(first.stop_reason, 'tool_use');
  const call = first.content.find((block) => block.type === 'tool_use');
  assert.equal(call.name, 'weather');
  assert.equal(typeof call.input, 'object');
  const second = await client.messages.create({
    ...request,
    tool_choice: { type: 'none' },
    messages: [
      ...request.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'clear' }] },
    ],
  });
  assert.ok(['end_turn', 'max_tokens'].includes(second.stop_reason));
});

test('toolsStreamed: the helper puts the same call together', async () => {
  const request = ask('The weather?', {
    tools,
    tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
    max_tokens: 200,
  });
  const inputOf = (message) => message.content.find((block) => block.type === 'tool_use').input;
  const whole = await client.messages.create(request);
  assert.deepEqual(inputOf(await client.messages.stream(request).finalMessage()), inputOf(whole));
});

test('structured: follows its schema', async () => {
  const answer = await client.messages.create(
    ask('The forecast.', { output_config: { format: { type: 'json_schema', schema: forecast } }, max_tokens: 80 }),
  );
  assert.ok(['clear', 'cloudy'].includes(JSON.parse(textOf(answer)).sky));
});

test('countTokens: what the message then uses', async () => {
  const { input_tokens: counted } = await client.messages.countTokens({
    model,
    messages: [{ role: 'user', content: 'How many?' }],
  });
  const { usage } = await client.messages.create(ask('How many?', { max_tokens: 2 }));
  assert.equal(counted, usage.input_tokens + (usage.cache_read_input_tokens ?? 0));
});

test('errors: an unknown model, a wrong type, a prompt that is too long', async () => {
  await assert.rejects(client.messages.create(ask('a', { model: 'nowhere' })), Anthropic.NotFoundError);
  await assert.rejects(client.messages.create(ask('a', { temperature: 'hot' })), (error) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.match(error.message, /temperature/);
    return true;
  });
  await assert.rejects(client.messages.create(ask(tooLong)), Anthropic.BadRequestError);
});

test('cancel: the server goes on answering others', async () => {
  const stream = client.messages.stream(ask('Tell me a story.', { max_tokens: 400 }));
  let events = 0;
  try {
    for await (const event of stream) {
      if (++events === 4) {
        stream.abort();
      }
    }
  } catch (error) {
    assert.ok(error instanceof Anthropic.APIUserAbortError);
  }
  const next = await client.messages.create(ask('Hello!', { max_tokens: 2 }));
  assert.equal(next.role, 'assistant');
});
