package io.moineau.store;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/** Speaks with {@link AdminSocket}: a connection for each question. */
final class AdminClient implements KeyAdmin {
  private final Path socket;

  AdminClient(Path socket) {
    this.socket = socket;
  }

  /** This client, once a server has taken a connection. */
  AdminClient connected() throws IOException {
    connect().close();
    return this;
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  static StoreException denied(Path socket) {
    return new StoreException(
        "store-denied",
        "the server may not be asked",
        socket.toString(),
        "the user who runs the server",
        "run the command as that user");
  }

  private AdminMessages.Answer ask(AdminMessages.Question question) {
    try (SocketChannel channel = connect()) {
      AdminMessages.send(channel, AdminMessages.write(question));
      return AdminMessages.answer(AdminMessages.receive(channel));
    } catch (IOException e) {
      throw new StoreException(
          "store-unreachable",
          "the server that holds the store does not answer",
          socket + " (" + e.getMessage() + ")",
          "",
          "try again; end the server if it hangs");
    }
  }

  @Override
  public NewKey add(KeyRequest request) {
    AdminMessages.Answer answer = ask(AdminMessages.Question.add(request));
    return new NewKey(answer.keys().getFirst().key(), answer.secret());
  }

  @Override
  public List<KeyUse> list() {
    return ask(AdminMessages.Question.list()).keys();
  }

  @Override
  public ApiKey revoke(String idOrName) {
    return ask(AdminMessages.Question.revoke(idOrName)).keys().getFirst().key();
  }

  @Override
  public boolean throughServer() {
    return true;
  }

  @Override
  public void close() {
    // Each question has its own connection.
  }
}
