package io.moineau.cli;

import io.moineau.ChatAnswer;
import io.moineau.ChatStream;
import io.moineau.Conversation;
import io.moineau.FinishReason;
import io.moineau.Message;
import io.moineau.ModelCard;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.ResponseFormat;
import io.moineau.Role;
import io.moineau.Sampling;
import io.moineau.error.MoineauException;
import io.moineau.text.answer.AnswerPart;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A chat: reads messages and slash commands, streams answers, keeps the history. */
final class ChatSession implements AutoCloseable {

  private final ChatInput input;
  private final PrintStream out;
  private final Style style;
  private final ModelOptions options;
  private Moineau moineau;
  private Conversation conversation;
  private ExpertCounts experts;
  private Sampling sampling;
  private ResponseFormat format = ResponseFormat.TEXT;
  private Optional<ChatAnswer> last = Optional.empty();
  private long answers;
  private long generated;

  ChatSession(
      Moineau moineau, ModelOptions options, Sampling sampling, ChatInput input, Style style) {
    this.moineau = moineau;
    this.options = options;
    this.sampling = sampling;
    this.input = input;
    this.out = input.out();
    this.style = style;
    this.conversation = moineau.conversation();
    this.experts = watchExperts(moineau);
  }

  private static ExpertCounts watchExperts(Moineau moineau) {
    ModelCard card = moineau.card();
    ExpertCounts counts =
        new ExpertCounts(card.numLayers(), card.numExperts(), card.numExpertsPerTok());
    if (card.numExperts() > 0) {
      moineau.onExperts(counts);
    }
    return counts;
  }

  Conversation conversation() {
    return conversation;
  }

  /** Sets what every answer must look like. */
  void format(ResponseFormat value) {
    format = value;
    conversation.format(value);
  }

  /** Shows what was loaded, and how to go on. */
  void greet() {
    ModelCard card = moineau.card();
    if (card.demonstration()) {
      line(style.warning(CardText.demonstration("chat")));
    }
    line(style.bold("moineau " + RootCommand.Version.version()));
    showCard();
    line(
        style.dim(
            "/help lists commands; Alt-Enter for a new line; Ctrl-C stops an answer; Ctrl-D"
                + " leaves"));
    line("");
  }

  private void showCard() {
    for (String[] row : CardText.lines(moineau.card())) {
      line(style.dim(String.format("%-9s", row[0])) + row[1]);
    }
  }

  /** Reads until the end of the input or /quit. */
  void run() throws IOException {
    boolean interrupted = false;
    while (true) {
      ChatInput.Line read = input.read();
      switch (read.kind()) {
        case END -> {
          return;
        }
        case INTERRUPTED -> {
          if (interrupted) {
            return;
          }
          interrupted = true;
          line(style.dim("(Ctrl-C again or Ctrl-D to leave)"));
          continue;
        }
        case CLEARED -> {}
        case TEXT -> {
          if (!handle(read.text())) {
            return;
          }
        }
      }
      interrupted = false;
    }
  }

  /** Does what a line asks for; false to leave. An error is shown, and the chat goes on. */
  boolean handle(String text) throws IOException {
    if (text.isBlank()) {
      return true;
    }
    try {
      if (text.startsWith("/") && !text.startsWith("//")) {
        return command(text.strip());
      }
      answer(text.startsWith("//") ? text.substring(1) : text);
    } catch (Streams.ReaderGone e) {
      throw e;
    } catch (MoineauException | IOException e) {
      show(ErrorPrinter.explain(e));
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      show(ErrorPrinter.explain(e));
      if (ErrorPrinter.debug()) {
        e.printStackTrace(out);
      }
    }
    return true;
  }

  private void show(MoineauException error) {
    line(style.warning(SafeText.of(error.getMessage() == null ? "" : error.getMessage())));
  }

  private void answer(String text) {
    ChatAnswer answer;
    try (ChatStream stream = conversation.askParts(text, sampling)) {
      input.beginAnswer(stream::cancel);
      print(stream);
      answer = stream.answer();
    } finally {
      input.endAnswer();
    }
    last = Optional.of(answer);
    answers++;
    generated += answer.usage().completionTokens();
    if (answer.finishReason() == FinishReason.CANCELLED) {
      line(style.dim("(stopped)"));
    } else if (answer.finishReason() == FinishReason.LENGTH) {
      line(style.dim("(cut: the limit of tokens or the context is reached)"));
    }
    line("");
  }

  /** Prints an answer as it comes: what the model thinks dimly, what it says plainly. */
  private void print(ChatStream stream) {
    boolean thinks = false;
    String piece = "";
    while (stream.hasNext()) {
      AnswerPart part = stream.next();
      String before = "";
      if (part instanceof AnswerPart.Reasoning reasoning) {
        thinks = true;
        piece = reasoning.text();
        out.print(style.dim(SafeText.of(piece)));
      } else if (part instanceof AnswerPart.Content content) {
        before = thinks ? "\n\n" : "";
        thinks = false;
        piece = content.text();
        out.print(before + SafeText.of(piece));
      }
      out.flush();
    }
    if (!piece.endsWith("\n")) {
      line("");
    }
  }

  private boolean command(String text) throws IOException {
    int cut = text.indexOf(' ');
    String name = cut < 0 ? text : text.substring(0, cut);
    String rest = cut < 0 ? "" : text.substring(cut + 1).strip();
    switch (name) {
      case "/help", "/?" -> help();
      case "/quit", "/exit", "/bye" -> {
        return false;
      }
      case "/system" -> system(rest);
      case "/set" -> set(rest);
      case "/regenerate", "/retry" -> regenerate();
      case "/clear" -> {
        conversation.clear();
        experts.clear();
        line(style.dim("forgotten"));
      }
      case "/save" -> save(rest);
      case "/load" -> load(rest);
      case "/stats" -> stats();
      case "/experts" -> experts();
      case "/model" -> model(rest);
      default ->
          throw new CliException(
              "chat-unknown-command",
              "no such command",
              SafeText.ofLine(name),
              String.join(" ", ChatCommands.HELP.keySet()),
              "begin a message that starts with a slash with two");
    }
    return true;
  }

  private void help() {
    ChatCommands.HELP.forEach(
        (name, meaning) -> line("  " + style.accent(String.format("%-12s", name)) + " " + meaning));
    line("  \"\"\" or a \\ at a line's end make a message of several lines, as Alt-Enter does");
  }

  private void system(String text) {
    if (text.equals("clear")) {
      conversation.system("");
      line(style.dim("no instructions"));
    } else if (!text.isEmpty()) {
      conversation.system(text);
      line(style.dim("instructions set"));
    } else {
      List<Message> messages = conversation.messages();
      boolean set = !messages.isEmpty() && messages.getFirst().role() == Role.SYSTEM;
      line(set ? SafeText.of(messages.getFirst().content()) : style.dim("no instructions"));
    }
  }

  private void set(String text) {
    if (text.isEmpty()) {
      SamplingSettings.table(sampling).lines("  ").forEach(this::line);
      return;
    }
    String[] words = text.split("\\s+", 2);
    if (words.length < 2) {
      throw new CliException("chat-bad-setting", "a value is missing", text, "/set NAME VALUE", "");
    }
    sampling = SamplingSettings.change(sampling, words[0], words[1]);
    line(style.dim(SafeText.ofLine(words[0] + " = " + words[1])));
  }

  private void regenerate() {
    List<Message> messages = new ArrayList<>(conversation.messages());
    while (!messages.isEmpty() && messages.getLast().role() != Role.USER) {
      messages.removeLast();
    }
    if (messages.isEmpty()) {
      throw new CliException("chat-nothing-asked", "nothing was asked yet", "", "", "ask first");
    }
    String question = messages.getLast().content();
    conversation.undo();
    answer(question);
  }

  private void save(String name) throws IOException {
    Path file = path(name, "/save");
    ChatFile.save(file, moineau.card().name(), conversation.messages());
    line(style.dim("saved " + conversation.messages().size() + " messages to " + file));
  }

  private void load(String name) throws IOException {
    List<Message> messages = ChatFile.load(path(name, "/load"));
    conversation = moineau.conversation(messages);
    conversation.format(format);
    line(style.dim("loaded " + messages.size() + " messages"));
  }

  private static Path path(String name, String command) {
    if (name.isEmpty()) {
      throw new CliException(
          "chat-no-file", "a file is missing", command, command + " FILE", "name one");
    }
    String home = System.getProperty("user.home", "");
    return Path.of(name.startsWith("~/") && !home.isEmpty() ? home + name.substring(1) : name);
  }

  private void stats() {
    last.ifPresentOrElse(
        answer -> line(CardText.stats(answer)), () -> line(style.dim("nothing was asked yet")));
    line(
        "context "
            + Figures.grouped(conversation.countTokens())
            + " of "
            + Figures.grouped(moineau.card().contextLength())
            + " tokens; "
            + answers
            + (answers == 1 ? " answer, " : " answers, ")
            + Figures.grouped(generated)
            + " tokens in all");
  }

  private void experts() {
    if (moineau.card().numExperts() == 0) {
      line(style.dim("this model has no experts"));
    } else if (experts.isEmpty()) {
      line(style.dim("nothing was asked yet"));
    } else {
      experts.table(6).lines("").forEach(this::line);
    }
  }

  private void model(String name) {
    if (!name.isEmpty()) {
      Moineau other = Moineau.open(path(name, "/model"), options);
      List<Message> messages = conversation.messages();
      moineau.close();
      moineau = other;
      conversation = other.conversation(messages);
      conversation.format(format);
      experts = watchExperts(other);
      last = Optional.empty();
    }
    showCard();
  }

  private void line(String text) {
    out.print(text);
    out.print('\n');
    out.flush();
  }

  @Override
  public void close() {
    moineau.close();
  }
}
