package io.moineau.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Holds the arrow of this module: it uses the facade, and nothing behind it. */
final class ArchitectureTest {
  @Test
  void adapter_usesTheFacadeOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify..",
            "dev.langchain4j..",
            "io.moineau",
            "io.moineau.error",
            "io.moineau.text",
            "io.moineau.text.answer",
            "io.moineau.langchain4j")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.moineau.langchain4j"));
  }
}
