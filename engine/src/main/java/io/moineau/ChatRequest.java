package io.moineau;

import io.moineau.text.Tool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A conversation, and how it is to be answered. Start from {@link #of} and change what matters.
 *
 * @param messages oldest first
 * @param tools that the model may call
 * @param toolChoice whether it may, must or must not
 * @param parallelToolCalls whether one answer may hold several calls
 * @param responseFormat what the answer must look like
 * @param sampling how tokens are chosen
 * @param templateArguments more variables for the chat template, such as {@code enable_thinking}
 * @param share who asks: requests of one share wait behind each other and not before those of
 *     others; empty for nobody in particular
 * @param experts whether {@link ChatAnswer#experts()} is wanted
 */
public record ChatRequest(
    List<Message> messages,
    List<Tool> tools,
    ToolChoice toolChoice,
    boolean parallelToolCalls,
    ResponseFormat responseFormat,
    Sampling sampling,
    Map<String, Object> templateArguments,
    String share,
    boolean experts) {
  /** Copies the collections. */
  public ChatRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
    Objects.requireNonNull(toolChoice, "toolChoice");
    Objects.requireNonNull(responseFormat, "responseFormat");
    Objects.requireNonNull(sampling, "sampling");
    templateArguments = new LinkedHashMap<>(templateArguments); // values may be null
    Objects.requireNonNull(share, "share");
  }

  /** A plain chat with {@link Sampling#defaults()}. */
  public static ChatRequest of(List<Message> messages) {
    return new ChatRequest(
        messages,
        List.of(),
        ToolChoice.AUTO,
        true,
        ResponseFormat.TEXT,
        Sampling.defaults(),
        Map.of(),
        "",
        false);
  }

  /** Other tools. */
  public ChatRequest withTools(List<Tool> value) {
    return new ChatRequest(
        messages,
        value,
        toolChoice,
        parallelToolCalls,
        responseFormat,
        sampling,
        templateArguments,
        share,
        experts);
  }

  /** Another choice of tools. */
  public ChatRequest withToolChoice(ToolChoice value) {
    return new ChatRequest(
        messages,
        tools,
        value,
        parallelToolCalls,
        responseFormat,
        sampling,
        templateArguments,
        share,
        experts);
  }

  /** One call per answer, or several. */
  public ChatRequest withParallelToolCalls(boolean value) {
    return new ChatRequest(
        messages,
        tools,
        toolChoice,
        value,
        responseFormat,
        sampling,
        templateArguments,
        share,
        experts);
  }

  /** Another form of the answer. */
  public ChatRequest withResponseFormat(ResponseFormat value) {
    return new ChatRequest(
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        value,
        sampling,
        templateArguments,
        share,
        experts);
  }

  /** Another sampling. */
  public ChatRequest withSampling(Sampling value) {
    return new ChatRequest(
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        responseFormat,
        value,
        templateArguments,
        share,
        experts);
  }

  /** Other variables for the chat template. */
  public ChatRequest withTemplateArguments(Map<String, Object> value) {
    return new ChatRequest(
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        responseFormat,
        sampling,
        value,
        share,
        experts);
  }

  /** Another share. */
  public ChatRequest withShare(String value) {
    return new ChatRequest(
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        responseFormat,
        sampling,
        templateArguments,
        value,
        experts);
  }

  /** With the experts that the answer uses, or without. */
  public ChatRequest withExperts(boolean value) {
    return new ChatRequest(
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        responseFormat,
        sampling,
        templateArguments,
        share,
        value);
  }
}
