package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.testkit.SharedFiles;
import io.moineau.text.Json;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerParser;
import io.moineau.text.answer.AnswerPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What real templates write as an earlier answer is read back as the same calls. */
class AnswerRoundTripTest {
  private static final List<Tool> TOOLS = List.of(PromptContextTest.ORDER, PromptContextTest.NOW);
  private static final String ARGUMENTS =
      "{\"items\":[{\"sku\":\"A-1\",\"count\":2}],\"budget\":12.5,\"express\":true,\"note\":\"a \\\"b\\\"\"}";
  private static final List<ToolCall> CALLS =
      List.of(
          new ToolCall("aaaaaaaa1", "order_parts", ARGUMENTS),
          new ToolCall("aaaaaaaa2", "now", "{}"));

  @ParameterizedTest
  @CsvSource({
    "Apertus-8B-Instruct, apertus",
    "Apriel-1.6-15b-Thinker-fixed, tool-calls-tag",
    "ByteDance-Seed-OSS, seed",
    "CohereForAI-c4ai-command-r7b-12-2024-tool_use-llama.cpp, command-r7b",
    "DeepSeek-V3, deepseek-v3",
    "GLM-4.6, glm",
    "GLM-4.7-Flash, glm",
    "GigaChat3-10B-A1.8B, generic",
    "GigaChat3.1-10B-A1.8B, gigachat",
    "Kimi-K2-Instruct, kimi",
    "LFM2-8B-A1B, generic",
    "MiMo-VL, hermes",
    "Mistral-Nemo, mistral",
    "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16, qwen-coder",
    "Qwen-Qwen2.5-7B-Instruct, hermes",
    "Qwen-Qwen3-0.6B, hermes",
    "Qwen3-Coder, qwen-coder",
    "Reka-Edge, hermes",
    "StepFun3.5-Flash, qwen-coder",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B-llama.cpp, deepseek-v3",
    "deepseek-ai-DeepSeek-V3.1, deepseek-v31",
    "deepseek-ai-DeepSeek-V4, dsml",
    "gemma-3-it, generic",
    "google-gemma-4-31B-it, generic",
    "ibm-granite-granite-3.3-2B-Instruct, granite",
    "meetkai-functionary-medium-v3.1, function-tag",
    "meetkai-functionary-medium-v3.1-llama.cpp, function-tag",
    "meetkai-functionary-medium-v3.2, generic",
    "meta-llama-Llama-3.1-8B-Instruct, llama3",
    "meta-llama-Llama-3.2-3B-Instruct, llama3",
    "microsoft-Phi-3.5-mini-instruct, generic",
    "mistralai-Mistral-Nemo-Instruct-2407, mistral",
    "mistralrs-mistral_nemo_tool_call, mistral",
    "mistralrs-mistral_small_tool_call, mistral",
    "mistralrs-smollm3, hermes",
    "ollama-laguna_v8, glm",
    "ollama-nemotron35, qwen-coder",
    "ollama-qwen38, qwen-coder",
    "unsloth-Apriel-1.5, tool-calls-tag",
    "unsloth-mistral-Devstral-Small-2507, mistral-args",
    "vllm-tool_chat_template_granite, granite",
    "vllm-tool_chat_template_hermes, hermes",
    "vllm-tool_chat_template_internlm2_tool, internlm",
    "vllm-tool_chat_template_llama3.1_json, llama3",
    "vllm-tool_chat_template_llama3.2_json, llama3",
    "vllm-tool_chat_template_mistral, mistral",
    "vllm-tool_chat_template_toolace, generic"
  })
  void calls_writtenByTheTemplate_areReadBack(String name, String family) throws Exception {
    Optional<Path> oracles = SharedFiles.oracles();
    Assumptions.assumeTrue(oracles.isPresent(), "skipped: no oracles with real templates");
    Path file = oracles.get().resolve("templates").resolve(name + ".jinja");
    Assumptions.assumeTrue(Files.exists(file), "skipped: no template " + name);
    ModelText text = PromptContextTest.text(Files.readString(file));
    assertThat(text.format().name()).isEqualTo(family);
    List<Message> messages = new ArrayList<>(List.of(Message.user("Order.")));
    ChatRequest question = ChatRequest.of(messages).withTools(TOOLS);
    String prompt = text.render(question).text();
    messages.add(Message.assistant("", "", CALLS));
    messages.add(Message.tool("aaaaaaaa1", "order_parts", "fine"));
    messages.add(Message.tool("aaaaaaaa2", "now", "noon"));
    String whole =
        text.render(
                ChatRequest.of(messages)
                    .withTools(TOOLS)
                    .withTemplateArguments(Map.of("add_generation_prompt", false)))
            .text();
    int same = 0;
    while (same < Math.min(prompt.length(), whole.length())
        && prompt.charAt(same) == whole.charAt(same)) {
      same++;
    }
    // A template may write a past answer otherwise than it begins a new one: not in half a marker.
    while (same < prompt.length() && whole.charAt(same - 1) == '<') {
      same--;
    }
    AnswerParser parser = text.format().parser(TOOLS, prompt.substring(0, same));
    List<AnswerPart> parts = new ArrayList<>(parser.push(whole.substring(same)));
    parts.addAll(parser.flush());
    List<String> names = new ArrayList<>();
    List<StringBuilder> arguments = new ArrayList<>();
    for (AnswerPart part : parts) {
      if (part instanceof AnswerPart.ToolCallStart start) {
        names.add(start.name());
        arguments.add(new StringBuilder());
      } else if (part instanceof AnswerPart.ToolCallArguments more) {
        arguments.get(more.index()).append(more.delta());
      }
    }
    assertThat(names).as(whole.substring(same)).startsWith("order_parts");
    assertThat(Json.parse(arguments.getFirst().toString())).isEqualTo(Json.parse(ARGUMENTS));
    if (names.size() > 1) { // a template that takes one call at a time has ended the turn
      assertThat(names.get(1)).isEqualTo("now");
      assertThat(arguments.get(1).toString()).isEqualTo("{}");
    }
  }
}
