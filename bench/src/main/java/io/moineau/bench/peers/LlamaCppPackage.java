package io.moineau.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The prebuilt llama.cpp that is compared with: one pinned npm package, fetched once into a cache
 * and checked against a digest that is written here.
 */
final class LlamaCppPackage {
  static final String RELEASE = "v0.5.0";
  static final String COORDINATES = "@node-llama-cpp/linux-x64@3.22.1";

  private static final String FILE = "node-llama-cpp-linux-x64-3.22.1.tgz";
  private static final String PATH = "@node-llama-cpp/linux-x64/-/linux-x64-3.22.1.tgz";
  private static final String PUBLIC_REGISTRY = "https://registry.npmjs.org/";
  private static final String SHA_512 =
      "e6e0820cda9608d7da026f1a47f533c5ba381c1a4a80d17dd640873dea4a8603"
          + "2057638099ab6879f6ce94c8a1b2a0a21f639ddf913f7941d00856df44126e3a";

  private final Path cache;
  private final Map<String, String> environment;

  /**
   * A package in a cache.
   *
   * @param environment where {@code NPM_CONFIG_REGISTRY} may name a registry
   */
  LlamaCppPackage(Path cache, Map<String, String> environment) {
    this.cache = cache;
    this.environment = environment;
  }

  /**
   * The libraries, fetched if the cache lacks them: by {@code npm pack} where npm is, since it
   * knows the user's registry, proxy and credentials, or else by a plain download.
   *
   * @throws PeerException {@code llama-cpp-fetch} if they cannot be had, {@code llama-cpp-digest}
   *     if they are not the pinned ones
   */
  LlamaCppFiles fetch() {
    Path folder = cache.resolve("llama.cpp-" + RELEASE);
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(cache);
        Path archive = cache.resolve(FILE);
        if (!Files.exists(archive) && !pack()) {
          download(address(environment), archive);
        }
        check(archive);
        unpack(archive, folder);
      }
      return LlamaCppFiles.in(folder);
    } catch (IOException e) {
      throw failed(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    }
  }

  private boolean pack() throws IOException, InterruptedException {
    Optional<String> npm = Commands.find("npm");
    return npm.isPresent()
        && Commands.run(cache, List.of(npm.get(), "pack", "--silent", COORDINATES)) == 0
        && Files.exists(cache.resolve(FILE));
  }

  /** Fetches a file; what is not whole never has the file's name. */
  static void download(URI address, Path archive) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofMinutes(5)).build();
    Path part = archive.resolveSibling(archive.getFileName() + ".part");
    HttpResponse<Path> response = client.send(request, HttpResponse.BodyHandlers.ofFile(part));
    if (response.statusCode() != 200) {
      Files.deleteIfExists(part);
      throw failed(address.getHost() + " answered " + response.statusCode());
    }
    Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Where the archive is in the registry that npm would ask. */
  static URI address(Map<String, String> environment) {
    String registry =
        environment.getOrDefault(
            "NPM_CONFIG_REGISTRY",
            environment.getOrDefault("npm_config_registry", PUBLIC_REGISTRY));
    return URI.create(registry.endsWith("/") ? registry : registry + "/").resolve(PATH);
  }

  /** Refuses, and deletes, an archive of another digest. */
  static void check(Path archive) throws IOException {
    String digest = sha512(archive);
    if (!digest.equals(SHA_512)) {
      Files.deleteIfExists(archive);
      throw new PeerException(
          "llama-cpp-digest",
          "the archive of llama.cpp is not the pinned one",
          archive + " had SHA-512 " + digest,
          SHA_512,
          "it was deleted; try again, or name unpacked libraries with --llama-cpp");
    }
  }

  private static String sha512(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-512");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512", e);
    }
  }

  private void unpack(Path archive, Path folder) throws IOException, InterruptedException {
    Path part = Files.createTempDirectory(cache, "unpack");
    int code =
        Commands.run(
            part, List.of("tar", "-xzf", archive.toAbsolutePath().toString(), "package/bins"));
    if (code != 0) {
      throw failed("tar -xzf " + archive + " ended with " + code);
    }
    Files.move(part, folder);
  }

  private static PeerException failed(String where) {
    return new PeerException(
        "llama-cpp-fetch",
        "llama.cpp cannot be fetched",
        COORDINATES + ": " + where,
        "npm on the PATH, or a registry that answers without credentials",
        "set NPM_CONFIG_REGISTRY, name unpacked libraries with --llama-cpp, or leave it out with"
            + " --peers");
  }
}
