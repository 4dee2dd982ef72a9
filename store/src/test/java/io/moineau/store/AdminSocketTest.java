package io.moineau.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys through the socket of a server that holds the store. */
final class AdminSocketTest {
  @TempDir Path folder;

  private Path socket() {
    return folder.resolve("store.sock");
  }

  private String ask(String question) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket()));
      AdminMessages.send(channel, question);
      return AdminMessages.receive(channel);
    }
  }

  @Test
  void keys_throughTheSocket_areThoseOfTheStore() throws IOException {
    StoreOptions options = StoreOptions.inFolder(folder);
    try (Store store = Store.open(options);
        AdminSocket socket = AdminSocket.listen(store);
        KeyAdmin keys = KeyAdmin.open(options)) {
      assertThat(keys.throughServer()).isTrue();
      assertThat(socket.path()).contains(socket());
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        assertThat(Files.getPosixFilePermissions(socket()))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
      Instant end = Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.MILLIS);
      NewKey made =
          keys.add(
              KeyRequest.named("bü\"ro\\")
                  .withModels(List.of("a", "b"))
                  .withTokensPerDay(7)
                  .withRequestsPerMinute(8)
                  .withExpires(end));
      assertThat(store.keys().find(made.secret())).contains(made.key());
      assertThat(keys.list()).extracting(KeyUse::key).containsExactly(made.key());
      StoreException taken =
          catchThrowableOfType(StoreException.class, () -> keys.add(KeyRequest.named("bü\"ro\\")));
      assertThat(taken.code()).isEqualTo("key-name-taken");
      assertThat(taken.action()).contains("moineau keys revoke");
      assertThat(keys.revoke(made.key().id())).isEqualTo(store.keys().list().getFirst());
      assertThat(store.keys().find(made.secret())).isEmpty();
    }
    assertThat(socket()).doesNotExist();
    try (KeyAdmin keys = KeyAdmin.open(options)) {
      assertThat(keys.throughServer()).isFalse();
      assertThat(keys.list()).hasSize(1);
    }
  }

  @Test
  void questions_thatAreNone_areAnsweredAndHarmNothing() throws IOException {
    try (Store store = Store.open(StoreOptions.inFolder(folder));
        AdminSocket socket = AdminSocket.listen(store)) {
      for (String bad :
          List.of(
              "\n",
              "keys\n",
              "[]\n",
              "{\"do\": \"drop\"}\n",
              "{\"do\": 3}\n",
              "{\"do\": \"add\"\n",
              "{\"do\": \"add\", \"name\": \"x\", \"expires\": \"soon\"}\n",
              "{\"do\": \"add\", \"name\": \"x\", \"requests_per_minute\": 99999999999}\n")) {
        assertThat(ask(bad)).as(bad).contains("admin-question-bad");
      }
      assertThat(ask("{\"do\": \"add\", \"name\": \"\"}\n")).contains("key-name-bad");
      assertThat(ask("{\"do\": \"list\"}\n")).isEqualTo("{\"keys\":[]}");
      assertThat(socket.path()).isPresent();
    }
  }

  @Test
  void listen_socketOfAKilledServer_isReplaced() throws IOException {
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(socket()));
    }
    assertThat(socket()).exists(); // closing does not remove it, nor does a kill
    StoreOptions options = StoreOptions.inFolder(folder);
    try (KeyAdmin keys = KeyAdmin.open(options)) {
      assertThat(keys.throughServer()).isFalse();
    }
    try (Store store = Store.open(options);
        AdminSocket socket = AdminSocket.listen(store);
        KeyAdmin keys = KeyAdmin.open(options)) {
      assertThat(keys.throughServer()).isTrue();
    }
  }

  @Test
  void listen_otherFileInTheWay_isNotRemoved() throws IOException {
    Files.writeString(socket(), "a file of the user");
    try (Store store = Store.open(StoreOptions.inFolder(folder))) {
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> AdminSocket.listen(store).close());
      assertThat(e.code()).isEqualTo("store-socket");
    }
    assertThat(socket()).hasContent("a file of the user");
  }
}
