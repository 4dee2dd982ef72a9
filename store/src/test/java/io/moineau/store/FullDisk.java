package io.moineau.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A process that fills the small disk which holds its store, and frees it again. */
final class FullDisk {
  private FullDisk() {}

  /**
   * Says what happens, a line each.
   *
   * @param args a folder on a disk of a few MiB
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    StoreOptions options = StoreOptions.inFolder(folder).withConversations(true);
    List<String> notices = new CopyOnWriteArrayList<>();
    long acknowledged = 0;
    long waiting = 0;
    String before;
    try (Store store = Store.open(options, notices::add)) {
      before = store.keys().add(KeyRequest.named("before")).secret();
      acknowledged += store.usage().add(Writer.KEY, Writer.DAY, 1, 1, 1) ? 1 : 0;
      say("before " + store.keys().find(before).isPresent() + " " + acknowledged);
      say("day " + store.usage().day(Writer.KEY, Writer.DAY).requests());

      Path filler = folder.resolve("filler");
      fill(filler);
      for (int i = 0; i < 40; i++) {
        if (store.usage().add(Writer.KEY, Writer.DAY, 1, 1, 1)) {
          acknowledged++;
        } else {
          waiting++;
        }
        fill(filler);
      }
      say("full " + store.trouble().map(StoreException::code).orElse("-") + " " + (waiting > 0));
      say("message " + store.trouble().map(Throwable::getMessage).orElse("-"));
      Thread.sleep(1_100); // the keys in memory are to be looked at again
      say("known " + store.keys().find(before).isPresent());
      say("counted " + store.usage().day(Writer.KEY, Writer.DAY).requests());
      say("add " + code(() -> store.keys().add(KeyRequest.named("during"))));

      Files.delete(filler);
      long end = System.nanoTime() + 30_000_000_000L;
      while (store.usage().pendingRequests() > 0 && System.nanoTime() < end) {
        Thread.sleep(50);
      }
      say("pending " + store.usage().pendingRequests());
      say("add " + code(() -> store.keys().add(KeyRequest.named("after"))));
      say("notices " + notices.size() + " " + notices.getLast());
    }
    try (Store store = Store.open(options)) {
      long found = store.usage().day(Writer.KEY, Writer.DAY).requests();
      say("sum " + found + " of " + (acknowledged + waiting));
      say("key " + store.keys().find(before).isPresent() + " " + store.keys().list().size());
    }
  }

  private static void fill(Path filler) throws IOException {
    byte[] block = new byte[1024];
    try (OutputStream out =
        Files.newOutputStream(
            filler,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.APPEND)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      // That is what it is for.
    }
  }

  private static String code(Runnable work) {
    try {
      work.run();
      return "done";
    } catch (StoreException e) {
      return e.code();
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
