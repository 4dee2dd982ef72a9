package io.moineau.server;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Service;
import io.moineau.server.api.anthropic.CountTokens;
import io.moineau.server.api.anthropic.Messages;
import io.moineau.server.api.common.Detokenize;
import io.moineau.server.api.common.Health;
import io.moineau.server.api.common.OpenApi;
import io.moineau.server.api.common.Tokenize;
import io.moineau.server.api.moineau.Activity;
import io.moineau.server.api.moineau.KeepConversation;
import io.moineau.server.api.moineau.ListConversations;
import io.moineau.server.api.moineau.Model;
import io.moineau.server.api.moineau.ReadConversation;
import io.moineau.server.api.moineau.RemoveConversation;
import io.moineau.server.api.moineau.Settings;
import io.moineau.server.api.moineau.Usage;
import io.moineau.server.api.ollama.Chat;
import io.moineau.server.api.ollama.Embed;
import io.moineau.server.api.ollama.Generate;
import io.moineau.server.api.ollama.OldEmbeddings;
import io.moineau.server.api.ollama.Ps;
import io.moineau.server.api.ollama.Show;
import io.moineau.server.api.ollama.Tags;
import io.moineau.server.api.ollama.Version;
import io.moineau.server.api.openai.ChatCompletions;
import io.moineau.server.api.openai.Completions;
import io.moineau.server.api.openai.Embeddings;
import io.moineau.server.api.openai.Models;
import io.moineau.server.api.openai.Rerank;
import io.moineau.server.api.openai.Responses;
import io.moineau.server.api.plan.AuditFleet;
import io.moineau.server.api.plan.CheckRules;
import io.moineau.server.api.plan.CompareChips;
import io.moineau.server.api.plan.DiffRules;
import io.moineau.server.api.plan.EstimatePlan;
import io.moineau.server.api.plan.ListChips;
import io.moineau.server.api.plan.ListModels;
import io.moineau.server.api.plan.ListRules;
import io.moineau.server.api.plan.ReadChip;
import io.moineau.server.api.plan.ReadRule;
import io.moineau.server.api.plan.RulesTimeline;
import io.moineau.server.metrics.MetricsEndpoint;
import java.util.ArrayList;
import java.util.List;

/** All endpoints: a line for each. */
final class Endpoints {
  private Endpoints() {}

  static List<Endpoint> all(Service service) {
    List<Endpoint> all = new ArrayList<>();
    all.addAll(Health.endpoints(service));
    all.add(new Models.All(service));
    all.add(new Models.One(service));
    all.add(new ChatCompletions(service));
    all.add(new Completions(service));
    all.add(new Tokenize(service));
    all.add(new Detokenize(service));
    all.add(new Responses(service));
    all.add(new Embeddings(service));
    all.add(new Rerank(service));
    all.add(new OpenApi(service));
    all.add(new Messages(service));
    all.add(new CountTokens(service));
    all.add(new Chat(service));
    all.add(new Generate(service));
    all.add(new Embed(service));
    all.add(new OldEmbeddings(service));
    all.add(new Tags(service));
    all.add(new Show(service));
    all.add(new Ps(service));
    all.add(new Version());
    all.add(new Model(service));
    all.add(new Activity(service));
    all.add(new Settings(service));
    all.add(new Usage(service));
    all.add(new ListConversations(service));
    all.add(new ReadConversation(service));
    all.add(new KeepConversation(service));
    all.add(new RemoveConversation(service));
    all.add(new ListChips(service));
    all.add(new ReadChip(service));
    all.add(new CompareChips(service));
    all.add(new ListModels(service));
    all.add(new EstimatePlan(service));
    all.add(new AuditFleet(service));
    all.add(new CheckRules(service));
    all.add(new ListRules(service));
    all.add(new RulesTimeline(service));
    all.add(new DiffRules(service));
    all.add(new ReadRule(service)); // after those whose paths are like its own
    all.add(new MetricsEndpoint(service));
    return all;
  }
}
