/** LoRA adapters in the form of Hugging Face's PEFT, to and from llama.cpp's GGUF form. */
@NullMarked
package io.moineau.engine.peft;

import org.jspecify.annotations.NullMarked;
