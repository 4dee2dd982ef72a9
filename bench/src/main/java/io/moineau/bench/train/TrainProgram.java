package io.moineau.bench.train;

import java.util.List;
import java.util.Map;

/**
 * A program that trains some steps and prints what it measured.
 *
 * @param name in the table
 * @param detail what it computes with, where it does not print a version itself
 * @param command that starts it
 * @param environment variables that it gets besides
 */
record TrainProgram(
    String name, String detail, List<String> command, Map<String, String> environment) {}
