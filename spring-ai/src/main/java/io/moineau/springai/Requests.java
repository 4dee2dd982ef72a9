package io.moineau.springai;

import io.moineau.ChatRequest;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.ToolChoice;
import io.moineau.text.Json;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/** Spring AI's prompts as Moineau's requests. */
final class Requests {
  private Requests() {}

  /**
   * One request.
   *
   * @param options those of the model and the prompt together
   * @throws SpringAiException {@code content-unsupported}, {@code option-unsupported}
   */
  static ChatRequest of(Prompt prompt, MoineauChatOptions options) {
    List<io.moineau.Message> messages = new ArrayList<>();
    for (Message message : prompt.getInstructions()) {
      add(message, messages);
    }
    ChatRequest request =
        ChatRequest.of(messages)
            .withTools(tools(options))
            .withToolChoice(choice(options.getToolChoice()))
            .withResponseFormat(format(options.getOutputSchema()))
            .withSampling(sampling(options))
            .withTemplateArguments(options.getTemplateArguments());
    Boolean parallel = options.getParallelToolCalls();
    request = parallel == null ? request : request.withParallelToolCalls(parallel);
    String share = options.getShare();
    return share == null ? request : request.withShare(share);
  }

  private static void add(Message message, List<io.moineau.Message> messages) {
    switch (message) {
      case SystemMessage system ->
          messages.add(io.moineau.Message.system(orEmpty(system.getText())));
      case UserMessage user -> {
        if (!user.getMedia().isEmpty()) {
          throw SpringAiException.content(
              "media of the type " + user.getMedia().getFirst().getMimeType(), "text");
        }
        messages.add(io.moineau.Message.user(orEmpty(user.getText())));
      }
      case AssistantMessage answer -> messages.add(answer(answer));
      case ToolResponseMessage results -> {
        for (ToolResponseMessage.ToolResponse result : results.getResponses()) {
          messages.add(io.moineau.Message.tool(result.id(), result.name(), result.responseData()));
        }
      }
      default ->
          throw SpringAiException.content(
              "a message of the type " + message.getMessageType(), "system, user, assistant, tool");
    }
  }

  private static io.moineau.Message answer(AssistantMessage answer) {
    if (!answer.getMedia().isEmpty()) {
      throw SpringAiException.content("media in an answer", "text and calls of tools");
    }
    List<ToolCall> calls = new ArrayList<>();
    for (AssistantMessage.ToolCall call : answer.getToolCalls()) {
      calls.add(new ToolCall(call.id(), call.name(), call.arguments()));
    }
    Object reasoning = answer.getMetadata().get(Answers.WHOLE_REASONING);
    return io.moineau.Message.assistant(
        orEmpty(answer.getText()), reasoning instanceof String text ? text : "", calls);
  }

  private static List<Tool> tools(MoineauChatOptions options) {
    List<Tool> tools = new ArrayList<>();
    @Nullable List<ToolCallback> callbacks = options.getToolCallbacks();
    if (callbacks == null) { // none were named, which differs from an empty list of them
      return tools;
    }
    for (ToolCallback callback : callbacks) {
      ToolDefinition tool = callback.getToolDefinition();
      tools.add(new Tool(tool.name(), tool.description(), object(tool.inputSchema()), false));
    }
    return tools;
  }

  private static Map<String, Object> object(String schema) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (Json.parse(schema) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> object.put(String.valueOf(key), value));
      return object;
    }
    throw SpringAiException.option("a tool's input schema " + schema, "a JSON object");
  }

  private static ToolChoice choice(@Nullable String choice) {
    if (choice == null) {
      return ToolChoice.AUTO;
    }
    return switch (choice) {
      case "auto" -> ToolChoice.AUTO;
      case "none" -> ToolChoice.NONE;
      case "required" -> ToolChoice.REQUIRED;
      default -> ToolChoice.named(choice);
    };
  }

  private static ResponseFormat format(@Nullable String schema) {
    if (schema == null) {
      return ResponseFormat.TEXT;
    }
    Object value = Json.parse(schema);
    return new ResponseFormat.JsonSchema("answer", value == null ? Map.of() : value);
  }

  private static Sampling sampling(MoineauChatOptions options) {
    Sampling made = Sampling.defaults();
    Double temperature = options.getTemperature();
    made = temperature == null ? made : made.withTemperature(temperature);
    Double topP = options.getTopP();
    made = topP == null ? made : made.withTopP(topP);
    Integer topK = options.getTopK();
    made = topK == null ? made : made.withTopK(topK);
    Double minP = options.getMinP();
    made = minP == null ? made : made.withMinP(minP);
    Double frequencyPenalty = options.getFrequencyPenalty();
    made = frequencyPenalty == null ? made : made.withFrequencyPenalty(frequencyPenalty);
    Double presencePenalty = options.getPresencePenalty();
    made = presencePenalty == null ? made : made.withPresencePenalty(presencePenalty);
    Double repeatPenalty = options.getRepeatPenalty();
    made = repeatPenalty == null ? made : made.withRepeatPenalty(repeatPenalty);
    Integer maxTokens = options.getMaxTokens();
    made = maxTokens == null ? made : made.withMaxTokens(maxTokens);
    List<String> stop = options.getStopSequences();
    made = stop == null ? made : made.withStop(stop);
    Long seed = options.getSeed();
    return seed == null ? made : made.withSeed(seed);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
