package io.moineau.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import io.moineau.Message;
import io.moineau.Moineau;
import io.moineau.text.TextException;
import java.util.List;

/**
 * Counts tokens by the model's own tokenizer and chat template: of a text and of a whole
 * conversation exactly, of a single message as it would be if it stood alone.
 */
public final class MoineauTokenCountEstimator implements TokenCountEstimator {
  private final Moineau moineau;

  private MoineauTokenCountEstimator(Moineau moineau) {
    this.moineau = moineau;
  }

  /** Counts by this model. */
  public static MoineauTokenCountEstimator of(Moineau moineau) {
    return new MoineauTokenCountEstimator(moineau);
  }

  @Override
  public int estimateTokenCountInText(String text) {
    return Failures.mapped(() -> moineau.tokenize(text, false, false).length);
  }

  @Override
  public int estimateTokenCountInMessage(ChatMessage message) {
    Message one = Requests.message(message);
    return Failures.mapped(() -> {
      try {
        return moineau.countTokens(List.of(one));
      } catch (TextException e) {
        // Some templates refuse a conversation that does not begin with its user.
        StringBuilder text = new StringBuilder(one.content());
        one.toolCalls().forEach(call -> text.append(call.name()).append(call.arguments()));
        return moineau.tokenize(text.toString(), false, false).length;
      }
    });
  }

  @Override
  public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
    List<Message> all = Requests.messages(messages);
    return Failures.mapped(() -> all.isEmpty() ? 0 : moineau.countTokens(all));
  }
}
