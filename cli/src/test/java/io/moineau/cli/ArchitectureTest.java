package io.moineau.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.moineau.error.MoineauException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the arrows of the design: a module uses only those above it, and some habits. */
final class ArchitectureTest {
  private static JavaClasses all;

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/testkit/"))
            .importPackages("io.moineau");
  }

  @Test
  void classes_ofEveryModule_areSeen() {
    for (String module :
        new String[] {
          "error", "tensor", "format", "text", "kernels", "model", "engine", "adapt", "plan",
          "store", "server", "cli"
        }) {
      assertThat(all.stream().anyMatch(c -> c.getPackageName().startsWith("io.moineau." + module)))
          .as("classes of the module %s", module)
          .isTrue();
    }
  }

  @Test
  void modules_useOnlyThoseAbove() {
    ArchRule rule =
        layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.moineau..")
            .layer("error")
            .definedBy("io.moineau.error..")
            .layer("tensor")
            .definedBy("io.moineau.tensor..")
            .layer("format")
            .definedBy("io.moineau.format..")
            .layer("text")
            .definedBy("io.moineau.text..")
            .layer("kernels")
            .definedBy("io.moineau.kernels..")
            .layer("model")
            .definedBy("io.moineau.model..")
            .layer("engine")
            .definedBy("io.moineau.engine..", "io.moineau")
            .layer("adapt")
            .definedBy("io.moineau.adapt..")
            .layer("plan")
            .definedBy("io.moineau.plan..")
            .layer("store")
            .definedBy("io.moineau.store..")
            .layer("server")
            .definedBy("io.moineau.server..")
            .layer("cli")
            .definedBy("io.moineau.cli..")
            .whereLayer("error")
            .mayNotAccessAnyLayer()
            .whereLayer("tensor")
            .mayOnlyAccessLayers("error")
            .whereLayer("format")
            .mayOnlyAccessLayers("tensor", "error")
            .whereLayer("text")
            .mayOnlyAccessLayers("error")
            .whereLayer("kernels")
            .mayOnlyAccessLayers("tensor", "error")
            .whereLayer("model")
            .mayOnlyAccessLayers("kernels", "format", "tensor", "error")
            .whereLayer("engine")
            .mayOnlyAccessLayers("model", "text", "kernels", "format", "tensor", "error")
            .whereLayer("plan")
            .mayOnlyAccessLayers("format", "tensor", "error")
            .whereLayer("store")
            .mayOnlyAccessLayers("error")
            .whereLayer("server")
            .mayOnlyAccessLayers(
                "store", "plan", "engine", "model", "text", "kernels", "format", "tensor", "error")
            .whereLayer("adapt")
            .mayOnlyAccessLayers("engine", "model", "text", "kernels", "format", "tensor", "error")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer();
    rule.check(all);
  }

  @Test
  void modules_haveNoCycles() {
    slices().matching("io.moineau.(*)..").should().beFreeOfCycles().check(all);
  }

  @Test
  void exceptions_extendMoineauException() {
    classes()
        .that()
        .areAssignableTo(Throwable.class)
        .and()
        .doNotHaveFullyQualifiedName(MoineauException.class.getName())
        .and()
        .arePublic()
        .and()
        .resideOutsideOfPackage(
            "io.moineau.text.jinja..") // not exported; turned into TextException
        .should()
        .beAssignableTo(MoineauException.class)
        .check(all);
  }

  @Test
  void output_isTheCommandsAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.moineau.cli..", "io.moineau.bench..")
        .should()
        .accessField(System.class, "out")
        .check(all);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.server.tracing..") // which silences a library's log
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "org.slf4j..", "sun.misc..")
        .check(all);
  }

  @Test
  void libraries_areUsedOnlyWhereTheyBelong() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "org.jline..")
        .check(all);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.server.http.helidon..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.helidon..")
        .check(all);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.sql..", "org.jdbi..", "org.flywaydb..", "org.h2..", "org.postgresql..")
        .check(all);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.server.metrics..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..")
        .check(all);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.server.tracing..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.opentelemetry..")
        .check(all);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.moineau.plan.solve..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.ojalgo..")
        .check(all);
    noClasses()
        .that()
        .resideInAnyPackage("io.moineau.tensor..", "io.moineau.kernels..", "io.moineau.model..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.fasterxml.jackson..")
        .check(all);
  }
}
