package io.moineau.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import io.moineau.ChatRequest;
import io.moineau.Message;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.ToolChoice;
import io.moineau.text.Json;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** LangChain4j's requests as Moineau's. */
final class Requests {
  private final String modelName;
  private final Sampling sampling;

  /**
   * What holds for all requests of a model.
   *
   * @param modelName the one name that a request may ask for
   * @param sampling what holds where a request says nothing
   */
  Requests(String modelName, Sampling sampling) {
    this.modelName = modelName;
    this.sampling = sampling;
  }

  /**
   * One request.
   *
   * @throws UnsupportedFeatureException naming what is not supported
   * @throws ModelNotFoundException if another model is asked for
   */
  ChatRequest of(dev.langchain4j.model.chat.request.ChatRequest request) {
    ChatRequestParameters parameters = request.parameters();
    @Nullable String asked = parameters.modelName();
    if (asked != null && !asked.equals(modelName)) {
      throw new ModelNotFoundException(
          "the model \"" + asked + "\" is not open here; open: \"" + modelName + "\"");
    }
    ChatRequest made =
        ChatRequest.of(messages(request.messages()))
            .withTools(tools(parameters))
            .withToolChoice(choice(parameters))
            .withResponseFormat(format(parameters))
            .withSampling(sampling(parameters));
    if (parameters instanceof MoineauChatRequestParameters own) {
      made = made.withTemplateArguments(own.templateArguments());
      Boolean parallel = own.parallelToolCalls();
      made = parallel == null ? made : made.withParallelToolCalls(parallel);
      String share = own.share();
      made = share == null ? made : made.withShare(share);
    }
    return made;
  }

  /** Messages, oldest first. */
  static List<Message> messages(Iterable<ChatMessage> messages) {
    List<Message> all = new ArrayList<>();
    for (ChatMessage message : messages) {
      all.add(message(message));
    }
    return all;
  }

  /** One message. */
  static Message message(ChatMessage message) {
    return switch (message) {
      case SystemMessage system -> Message.system(system.text());
      case UserMessage user ->
          new Message(
              io.moineau.Role.USER, text(user.contents()), "", List.of(), "", orEmpty(user.name()));
      case AiMessage answer -> answer(answer);
      case ToolExecutionResultMessage result ->
          Message.tool(orEmpty(result.id()), orEmpty(result.toolName()), text(result.contents()));
      default ->
          throw new UnsupportedFeatureException(
              "a message of the type "
                  + message.type()
                  + " is not supported; supported: SYSTEM, USER, AI, TOOL_EXECUTION_RESULT");
    };
  }

  private static Message answer(AiMessage answer) {
    if (!answer.images().isEmpty()) {
      throw new UnsupportedFeatureException(
          "images in an AI message are not supported; supported: text, thinking, tool calls");
    }
    List<ToolCall> calls = new ArrayList<>();
    for (ToolExecutionRequest call : answer.toolExecutionRequests()) {
      calls.add(new ToolCall(orEmpty(call.id()), call.name(), orEmpty(call.arguments())));
    }
    return Message.assistant(orEmpty(answer.text()), orEmpty(answer.thinking()), calls);
  }

  private static String text(List<Content> contents) {
    StringBuilder text = new StringBuilder();
    for (Content content : contents) {
      if (!(content instanceof TextContent part)) {
        throw new UnsupportedFeatureException(
            "content of the type " + content.type() + " is not supported; supported: TEXT");
      }
      text.append(text.isEmpty() ? "" : "\n").append(part.text());
    }
    return text.toString();
  }

  private static List<Tool> tools(ChatRequestParameters parameters) {
    List<Tool> tools = new ArrayList<>();
    for (ToolSpecification tool : parameters.toolSpecifications()) {
      boolean strict = Boolean.TRUE.equals(tool.strict());
      Map<String, Object> schema =
          tool.parameters() == null
              ? Map.of()
              : JsonSchemaElementUtils.toMap(tool.parameters(), strict);
      tools.add(new Tool(tool.name(), orEmpty(tool.description()), schema, strict));
    }
    return tools;
  }

  private static ToolChoice choice(ChatRequestParameters parameters) {
    dev.langchain4j.model.chat.request.@Nullable ToolChoice choice = parameters.toolChoice();
    if (choice == null) {
      return ToolChoice.AUTO;
    }
    return switch (choice) {
      case AUTO -> ToolChoice.AUTO;
      case REQUIRED -> ToolChoice.REQUIRED;
      case NONE -> ToolChoice.NONE;
    };
  }

  private static ResponseFormat format(ChatRequestParameters parameters) {
    dev.langchain4j.model.chat.request.@Nullable ResponseFormat format =
        parameters.responseFormat();
    if (format == null || format.type() == ResponseFormatType.TEXT) {
      return ResponseFormat.TEXT;
    }
    @Nullable JsonSchema schema = format.jsonSchema();
    if (schema == null) {
      return ResponseFormat.JSON_OBJECT;
    }
    return new ResponseFormat.JsonSchema(orEmpty(schema.name()), schema(schema.rootElement()));
  }

  private static Object schema(JsonSchemaElement root) {
    if (root instanceof JsonRawSchema raw) {
      @Nullable Object value = Json.parse(raw.schema());
      return value == null ? Map.of() : value;
    }
    return JsonSchemaElementUtils.toMap(root);
  }

  private Sampling sampling(ChatRequestParameters parameters) {
    Sampling made = sampling;
    if (parameters.temperature() != null) {
      made = made.withTemperature(parameters.temperature());
    }
    if (parameters.topP() != null) {
      made = made.withTopP(parameters.topP());
    }
    if (parameters.topK() != null) {
      made = made.withTopK(parameters.topK());
    }
    if (parameters.frequencyPenalty() != null) {
      made = made.withFrequencyPenalty(parameters.frequencyPenalty());
    }
    if (parameters.presencePenalty() != null) {
      made = made.withPresencePenalty(parameters.presencePenalty());
    }
    if (parameters.maxOutputTokens() != null) {
      made = made.withMaxTokens(parameters.maxOutputTokens());
    }
    if (!parameters.stopSequences().isEmpty()) {
      made = made.withStop(parameters.stopSequences());
    }
    if (parameters instanceof MoineauChatRequestParameters own) {
      Long seed = own.seed();
      made = seed == null ? made : made.withSeed(seed);
      Double minP = own.minP();
      made = minP == null ? made : made.withMinP(minP);
      Double repeatPenalty = own.repeatPenalty();
      made = repeatPenalty == null ? made : made.withRepeatPenalty(repeatPenalty);
    }
    return made;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
