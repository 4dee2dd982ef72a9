package io.moineau.clients;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What answers are forced into: every text is one of a few, since a model with random weights never
 * ends one of its own.
 */
public class Forecast {
  /** The sky. */
  @JsonProperty(required = true)
  public Sky sky;

  /** Whether it rains. */
  @JsonProperty(required = true)
  public boolean rain;

  /** What the sky may be. */
  public enum Sky {
    CLEAR,
    CLOUDY
  }
}
