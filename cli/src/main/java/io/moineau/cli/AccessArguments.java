package io.moineau.cli;

import io.moineau.server.Cors;
import io.moineau.server.ServerOptions;
import io.moineau.server.access.TrustedProxies;
import io.moineau.server.tls.TlsFiles;
import io.moineau.store.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Who may use a server, and how what they say is protected on its way. */
final class AccessArguments {
  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Speak HTTPS with the certificate in this PEM file, and those that vouch for it; read"
              + " again when it changes.")
  private @Nullable Path tlsCert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key in PEM, without a password.")
  private @Nullable Path tlsKey;

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      description =
          "Let web pages of this origin use the server too, such as https://chat.example; may be"
              + " given several times, * for all.")
  private List<String> corsOrigins = new ArrayList<>();

  @Option(
      names = "--trusted-proxies",
      paramLabel = "NETWORK",
      split = ",",
      description =
          "Take the word of reverse proxies at these addresses (such as 10.0.0.0/8) for where a"
              + " request comes from: the last address of X-Forwarded-For that is not theirs.")
  private List<String> trustedProxies = new ArrayList<>();

  @Option(
      names = "--keys",
      description =
          "Ask everybody for a key (moineau keys), on this machine too; on an address that others"
              + " can reach this is so as soon as there is a key.")
  private boolean keys;

  @Option(
      names = "--without-keys",
      description = "Listen on an address that others can reach, though nobody is asked for a key.")
  private boolean withoutKeys;

  @Option(
      names = "--keep-conversations",
      description =
          "Let the page keep conversations in the store, each key's for itself; else they stay in"
              + " the browser.")
  private boolean keepConversations;

  @Mixin private StoreArguments store = new StoreArguments();

  /** Refuses what cannot be, before anything is opened or loaded. */
  void check(ServeCommand job) {
    if ((tlsCert == null) != (tlsKey == null)) {
      throw job.usage(
          tlsCert == null ? "--tls-key needs --tls-cert" : "--tls-cert needs --tls-key");
    }
    for (String origin : corsOrigins) {
      if (!Cors.isOrigin(origin)) {
        throw job.usage(
            "--cors-origin is "
                + origin
                + ", but must be scheme://host or scheme://host:port without a path, or *");
      }
    }
    for (String network : trustedProxies) {
      if (!TrustedProxies.isNetwork(network)) {
        throw job.usage(
            "--trusted-proxies is "
                + network
                + ", but must be addresses, or networks such as 10.0.0.0/8 or fd00::/8");
      }
    }
    if (keys && withoutKeys) {
      throw job.usage("--keys and --without-keys say the opposite");
    }
  }

  /**
   * Opens what the options name.
   *
   * @param host to listen on
   * @param own whether only this machine reaches it
   */
  ServeAccess open(ServeCommand job, String host, boolean own) {
    boolean asks = keys || (!own && !withoutKeys);
    ServeAccess access =
        asks || keepConversations
            ? ServeAccess.open(options(job, host), asks, job)
            : ServeAccess.NONE;
    if (asks && !access.hasKey()) {
      if (!keys) {
        access.close();
        throw noKey(job, host);
      }
      job.remark("there is no key yet, so everybody is refused; make one: moineau keys add NAME");
    }
    if (!own && tlsCert == null) {
      job.remark(
          "what is said, keys too, can be read on its way: add --tls-cert and --tls-key, unless a"
              + " proxy in front does that");
    }
    return access;
  }

  private StoreOptions options(ServeCommand job, String host) {
    StoreOptions options = store.options().withConversations(keepConversations);
    boolean needed = keys || keepConversations;
    boolean missing =
        options.file().isPresent() && Files.notExists(Path.of(options.file().get() + ".mv.db"));
    if (!needed && missing) {
      throw noKey(job, host); // and no empty store is left behind
    }
    return options;
  }

  private static ParameterException noKey(ServeCommand job, String host) {
    return job.usage(
        "--host "
            + host
            + " can be reached by others, and there is no key to ask them for: make one with moineau"
            + " keys add NAME, or add --without-keys if nobody is to be asked");
  }

  /** Reads the certificate now, so that a server that cannot start says so before it loads. */
  ServerOptions addTo(ServerOptions options) {
    ServerOptions with =
        options.withCorsOrigins(corsOrigins).withTrustedProxies(TrustedProxies.of(trustedProxies));
    return tlsCert == null || tlsKey == null ? with : with.withTls(TlsFiles.of(tlsCert, tlsKey));
  }
}
