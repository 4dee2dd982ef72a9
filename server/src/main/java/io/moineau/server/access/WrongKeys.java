package io.moineau.server.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each address has come with a key that is none.
 *
 * <p>A secret of 256 bits cannot be guessed; this keeps a program with a wrong key from filling log
 * and network. A key that works is never asked about its address, so that one program's mistake
 * does not lock out an office behind the same address.
 */
final class WrongKeys {
  private static final int PER_MINUTE = 20;
  private static final int MOST_ADDRESSES = 4096;

  /** Bytes of an IPv6 address that belong to one customer; the rest they choose themselves. */
  private static final int NETWORK_BYTES = 8;

  private final InstantSource clock;
  private final Map<String, TokenBucket> byAddress =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
          return size() > MOST_ADDRESSES;
        }
      };

  WrongKeys(InstantSource clock) {
    this.clock = clock;
  }

  /** Counts one; returns in how many seconds it is worth looking at another, 0 for now. */
  synchronized int count(String address) {
    long now = clock.millis();
    TokenBucket bucket =
        byAddress.computeIfAbsent(network(address), key -> new TokenBucket(PER_MINUTE, now));
    return bucket.take(now) ? 0 : (int) (bucket.millisUntilOne(now) / 1000) + 1;
  }

  /** How many addresses are remembered. */
  synchronized int addresses() {
    return byAddress.size();
  }

  private static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress(); // a literal: nothing is looked up
      return bytes.length == 16 ? Arrays.toString(Arrays.copyOf(bytes, NETWORK_BYTES)) : address;
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
