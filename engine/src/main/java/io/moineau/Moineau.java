package io.moineau;

import io.moineau.engine.Engine;
import io.moineau.engine.EngineEvaluator;
import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.sampling.SequenceBreakers;
import io.moineau.text.MarkedText;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tokenizer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * A model, open for use: chat with it, let it complete text, count tokens.
 *
 * <pre>{@code
 * try (Moineau moineau = Moineau.open(Path.of("model.gguf"))) {
 *   System.out.println(moineau.chat("What is a sparrow?").text());
 * }
 * }</pre>
 *
 * <p>Safe for several threads: requests wait their turn and share the weights.
 */
public final class Moineau implements AutoCloseable {
  private static final int MOST_BREAKERS = 16;

  private final ModelLoader.Loaded loaded;
  private final Constraints constraints;
  private final OptionalLong defaultSeed;
  private final SecureRandom newSeeds = new SecureRandom();
  private final Map<List<String>, SequenceBreakers> breakers = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Moineau(ModelLoader.Loaded loaded, ModelOptions options) {
    this.loaded = loaded;
    this.constraints = new Constraints(loaded.text().tokenizer());
    this.defaultSeed = options.seed();
  }

  private static Moineau open(Path model, ModelOptions options, boolean demonstration) {
    return new Moineau(new ModelLoader(model, options, demonstration).load(), options);
  }

  private ModelLoader.Loaded open() {
    if (closed.get()) {
      throw Engine.closedError();
    }
    return loaded;
  }

  /** Opens a GGUF file with {@link ModelOptions#defaults()}. */
  public static Moineau open(Path model) {
    return open(model, ModelOptions.defaults());
  }

  /** Opens a GGUF file; of a split model, any of its files. */
  public static Moineau open(Path model, ModelOptions options) {
    return open(model, options, false);
  }

  /** Opens the model that is embedded: a small demonstration, not an assistant. */
  public static Moineau openDefault() {
    return openDefault(ModelOptions.defaults());
  }

  /** Opens the model that is embedded. */
  public static Moineau openDefault(ModelOptions options) {
    return open(EmbeddedModel.file(), options, true);
  }

  /** What was loaded, and how it runs. */
  public ModelCard card() {
    return loaded.card();
  }

  /** Asks one question, with {@link Sampling#defaults()}. */
  public Answer chat(String userText) {
    return chat(List.of(Message.user(userText)), Sampling.defaults());
  }

  /** Answers a conversation. */
  public Answer chat(List<Message> messages, Sampling sampling) {
    return chat(messages, sampling, piece -> {});
  }

  /** Answers a conversation; the pieces go to {@code onText} as they come. */
  public Answer chat(List<Message> messages, Sampling sampling, Consumer<String> onText) {
    try (Generation generation = chatStream(messages, sampling)) {
      generation.forEachRemaining(onText);
      return generation.answer();
    }
  }

  /** Answers a conversation, piece by piece; what the model reasons is left out. */
  public Generation chatStream(List<Message> messages, Sampling sampling) {
    return new ContentGeneration(chat(ChatRequest.of(messages).withSampling(sampling)));
  }

  /** Answers a conversation, piece by piece; what the model reasons and calls is left out. */
  public Generation chatStream(ChatRequest request) {
    return new ContentGeneration(chat(request));
  }

  /** Continues a text, with no template; special tokens written in it are recognised. */
  public Answer complete(String prompt, Sampling sampling) {
    return complete(prompt, sampling, piece -> {});
  }

  /** Continues a text; the pieces go to {@code onText} as they come. */
  public Answer complete(String prompt, Sampling sampling, Consumer<String> onText) {
    try (Generation generation = completeStream(prompt, sampling)) {
      generation.forEachRemaining(onText);
      return generation.answer();
    }
  }

  /** Continues a text, piece by piece. */
  public Generation completeStream(String prompt, Sampling sampling) {
    return generate(tokenize(prompt), sampling);
  }

  /** Continues tokens as they are, with nothing added. */
  public Generation generate(int[] promptTokens, Sampling sampling) {
    return generate(GenerationRequest.of(promptTokens, sampling));
  }

  /** Continues tokens, as the request says. */
  public Generation generate(GenerationRequest request) {
    return submit(request, special -> request.showSpecial());
  }

  /**
   * What holds an answer to a format, for one {@link GenerationRequest}; empty where any text will
   * do. Takes milliseconds for a format that is new.
   *
   * @throws io.moineau.text.TextException {@code grammar-syntax}, {@code grammar-limit}, {@code
   *     grammar-unknown-token}, {@code schema-unsupported}
   */
  public Optional<TokenConstraint> constraint(ResponseFormat format) {
    open();
    return constraints.grammar(format).map(constraints::constraint);
  }

  /** Answers a conversation with reasoning and calls of tools told apart. */
  public ChatStream chat(ChatRequest request) {
    return chat(request, answer -> {});
  }

  /**
   * The same for somebody who looks at the prompt, once its tokens are known, before it is
   * submitted.
   *
   * @param submitting is told what is about to be submitted, and tells what is; it may refuse by
   *     throwing
   */
  public ChatStream chat(ChatRequest request, UnaryOperator<GenerationRequest> submitting) {
    return new PartStream(
        open().text(),
        card().contextLength(),
        constraints,
        request,
        (asked, shown) -> submit(submitting.apply(asked), shown),
        answer -> {});
  }

  ChatStream chat(ChatRequest request, Consumer<ChatAnswer> onEnd) {
    return new PartStream(
        open().text(), card().contextLength(), constraints, request, this::submit, onEnd);
  }

  /** A chat that keeps its history. */
  public Conversation conversation() {
    return new Conversation(this, List.of());
  }

  /** A chat that begins with these messages. */
  public Conversation conversation(List<Message> messages) {
    return new Conversation(this, messages);
  }

  /** The text that the chat template makes of messages, with the beginning of the answer. */
  public String renderPrompt(List<Message> messages) {
    return open().text().render(messages).text();
  }

  /** Tokens of a text, with the special ones that the model begins with. */
  public int[] tokenize(String text) {
    return tokenize(text, true, true);
  }

  /**
   * Tokens of a text.
   *
   * @param addSpecial whether the special tokens that the model begins or ends with are added
   * @param parseSpecial whether special tokens written in the text are recognised
   */
  public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
    return open().text().tokenizer().encode(text, addSpecial, parseSpecial);
  }

  /**
   * Tokens of a text that is to be a prompt: the same, but that one which is far too long is
   * refused before all of it is tokenized.
   *
   * @throws io.moineau.engine.EngineException {@code prompt-too-long}
   */
  public int[] tokenizePrompt(String text, boolean addSpecial, boolean parseSpecial) {
    LongPrompts.refuse(tokenizer(), MarkedText.untrusted(text), card().contextLength());
    return tokenize(text, addSpecial, parseSpecial);
  }

  /** The text of tokens, special ones left out. */
  public String detokenize(int[] tokens) {
    return detokenize(tokens, true);
  }

  /** The text of tokens, special ones included if they are not to be skipped. */
  public String detokenize(int[] tokens, boolean skipSpecial) {
    Engine.checkTokens(tokens, tokenizer().vocabularySize());
    return tokenizer().decode(tokens, skipSpecial);
  }

  /** A token as the vocabulary has it, such as {@code <|im_end|>}. */
  public String token(int id) {
    Engine.checkTokens(new int[] {id}, tokenizer().vocabularySize());
    return tokenizer().token(id);
  }

  /** Tokens of the prompt that {@link #chat} makes of messages. */
  public int[] promptTokens(List<Message> messages) {
    return open().text().encode(messages);
  }

  /** Tokens of the prompt that {@link #chat(ChatRequest)} makes of a request. */
  public int[] promptTokens(ChatRequest request) {
    return open().text().encode(request);
  }

  /** How many tokens {@link #tokenize} gives. */
  public int countTokens(String text) {
    return tokenize(text).length;
  }

  /** How many tokens messages take in the context, template included. */
  public int countTokens(List<Message> messages) {
    return promptTokens(messages).length;
  }

  /** How the file says that texts become vectors; the mean of all tokens where it says nothing. */
  public Pooling pooling() {
    return loaded.pooling();
  }

  /** {@link #embed(List, Pooling, String)} as the file says, for nobody in particular. */
  public float[][] embed(List<int[]> prompts) {
    return embed(prompts, pooling(), "");
  }

  /**
   * Vectors of texts: their final hidden states, pooled and scaled to length 1. Computed beside
   * what others generate.
   *
   * @param prompts tokens of each text, at most the context length
   * @param share who asks: see {@link ChatRequest#share}
   * @return {@code [prompts, hiddenSize]}
   */
  public float[][] embed(List<int[]> prompts, Pooling pooling, String share) {
    return Embedder.embed(open().engine(), prompts, pooling, share);
  }

  /**
   * How near documents are to a query: the cosine of the angle between their vectors, -1 to 1. A
   * model that was not trained for it gives an order that is little better than chance.
   *
   * @param share who asks: see {@link ChatRequest#share}
   * @return a score for each document, in their order
   */
  public float[] rerank(String query, List<String> documents, String share) {
    List<int[]> prompts = new ArrayList<>();
    prompts.add(tokenize(query, true, false));
    documents.forEach(document -> prompts.add(tokenize(document, true, false)));
    float[][] vectors = embed(prompts, pooling(), share);
    float[] scores = new float[documents.size()];
    for (int i = 0; i < scores.length; i++) {
      for (int k = 0; k < vectors[0].length; k++) {
        scores[i] += vectors[0][k] * vectors[i + 1][k];
      }
    }
    return scores;
  }

  /** What the engine does and has done: cheap, for any thread, after {@link #close()} too. */
  public EngineStats stats() {
    return loaded.engine().stats();
  }

  /**
   * Which experts were chosen since the model was opened: counted always, since that costs next to
   * nothing; empty for a dense model.
   */
  public Optional<ExpertActivity> experts() {
    return loaded.pass().activity();
  }

  /** Looks at logits: for comparing engines, perplexity, and measuring. */
  public Evaluator evaluator() {
    return new EngineEvaluator(open().engine(), loaded.maxOutputs());
  }

  /** Sets who is told which experts are chosen, from the next request on. */
  public void onExperts(ExpertUsageListener listener) {
    open().pass().onExperts(Optional.of(listener));
  }

  /** Takes the listener away. */
  public void clearExpertListener() {
    open().pass().onExperts(Optional.empty());
  }

  /**
   * Frees the model. A generation that runs ends with the error {@code model-closed}, and so does
   * every later call. A second close does nothing.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      RuntimeException failure = Engine.closedError();
      ModelLoader.closeAll(loaded.resources(), failure);
      if (failure.getSuppressed().length > 0
          && failure.getSuppressed()[0] instanceof RuntimeException first) {
        throw first;
      }
    }
  }

  Tokenizer tokenizer() {
    return open().text().tokenizer();
  }

  private GenerationStream submit(GenerationRequest request, IntPredicate shown) {
    ModelLoader.Loaded model = open();
    Sampling sampling = request.sampling();
    long seed =
        sampling.seed().isPresent()
            ? sampling.seed().getAsLong()
            : defaultSeed.orElseGet(() -> newSeeds.nextInt(Integer.MAX_VALUE));
    GenerationStream stream =
        new GenerationStream(model.engine(), model.text().tokenizer(), request, shown, seed);
    stream.attach(model.engine().submit(request, seed, breakers(sampling), stream));
    return stream;
  }

  private SequenceBreakers breakers(Sampling sampling) {
    if (!SamplerChain.needsBreakers(sampling)) {
      return SequenceBreakers.none();
    }
    if (breakers.size() > MOST_BREAKERS) {
      breakers.clear();
    }
    Tokenizer tokenizer = tokenizer();
    return breakers.computeIfAbsent(
        sampling.dry().sequenceBreakers(),
        texts ->
            SequenceBreakers.of(
                texts,
                tokenizer.vocabularySize(),
                id -> tokenizer.decode(new int[] {id}, false),
                text -> tokenizer.encode(text, false, false)));
  }
}
