package io.moineau.model.quantize;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;

/**
 * What became of a tensor.
 *
 * @param name as in the file
 * @param shape slowest dimension first
 * @param from its type before
 * @param to its type now
 * @param bytesBefore its size before
 * @param bytesAfter its size now
 * @param rmse root mean square of the errors; NaN where it was not measured, 0 where it was copied
 */
public record QuantizedTensor(
    String name,
    Shape shape,
    DType from,
    DType to,
    long bytesBefore,
    long bytesAfter,
    double rmse) {}
