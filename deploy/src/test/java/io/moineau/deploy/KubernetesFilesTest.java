package io.moineau.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Reads the manifests into the classes that are made from Kubernetes' own API description. */
final class KubernetesFilesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "batch/v1/Job", Job.class,
          "v1/Namespace", Namespace.class,
          "v1/Secret", Secret.class,
          "v1/Service", Service.class,
          "v1/ServiceAccount", ServiceAccount.class,
          "v1/PersistentVolumeClaim", PersistentVolumeClaim.class,
          "apps/v1/Deployment", Deployment.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
          "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class);

  private static Path base(String name) {
    return DeployFiles.FOLDER.resolve("kubernetes/base").resolve(name);
  }

  private static Deployment deployment() {
    return MAPPER.convertValue(DeployFiles.yaml(base("deployment.yaml")), Deployment.class);
  }

  private static Container container() {
    return deployment().getSpec().getTemplate().getSpec().getContainers().getFirst();
  }

  @Test
  void manifests_haveOnlyFieldsThatTheApiKnows() {
    int read = 0;
    for (Path file : DeployFiles.manifests()) {
      Map<String, Object> yaml = DeployFiles.yaml(file);
      String kind = yaml.get("apiVersion") + "/" + yaml.get("kind");
      if (kind.startsWith("kustomize.config.k8s.io/")) {
        continue;
      }
      assertThat(KINDS).as(file.toString()).containsKey(kind);
      HasMetadata object = MAPPER.convertValue(yaml, KINDS.get(kind));
      // What a class does not know it keeps beside; written again without that, it would differ.
      assertThat(withoutUnknown(object, file)).isTrue();
      read++;
    }
    assertThat(read).isGreaterThanOrEqualTo(10);
  }

  /** Looks at every bean for fields that its class did not know. */
  private static boolean withoutUnknown(Object bean, Path file) {
    if (bean instanceof Iterable<?> items) {
      items.forEach(item -> withoutUnknown(item, file));
    } else if (bean instanceof Map<?, ?> map) {
      map.values().forEach(value -> withoutUnknown(value, file));
    } else if (bean != null && bean.getClass().getName().startsWith("io.fabric8.")) {
      for (var method : bean.getClass().getMethods()) {
        if (method.getParameterCount() > 0 || !method.getName().startsWith("get")) {
          continue;
        }
        try {
          Object value = method.invoke(bean);
          if (method.getName().equals("getAdditionalProperties")) {
            assertThat((Map<?, ?>) value)
                .as("%s: unknown fields of %s", file, bean.getClass().getSimpleName())
                .isEmpty();
          } else if (!method.getName().equals("getClass")) {
            withoutUnknown(value, file);
          }
        } catch (ReflectiveOperationException e) {
          throw new AssertionError(e);
        }
      }
    }
    return true;
  }

  @Test
  void unknownField_wouldBeSeen() {
    Map<String, Object> yaml = new LinkedHashMap<>(DeployFiles.yaml(base("service.yaml")));
    yaml.put("spec", Map.of("selektor", Map.of("a", "b")));
    Service service = MAPPER.convertValue(yaml, Service.class);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> withoutUnknown(service, Path.of("service.yaml")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("selektor");
  }

  @Test
  void kustomizations_nameFilesThatAreThere() {
    for (Path file : DeployFiles.manifests()) {
      Map<String, Object> yaml = DeployFiles.yaml(file);
      if (!String.valueOf(yaml.get("apiVersion")).startsWith("kustomize.config.k8s.io/")) {
        continue;
      }
      Path folder = Objects.requireNonNull(file.getParent());
      for (Object name : (List<?>) yaml.getOrDefault("resources", List.of())) {
        assertThat(Files.exists(folder.resolve(name.toString()))).as("%s: %s", file, name).isTrue();
      }
      for (Object patch : (List<?>) yaml.getOrDefault("patches", List.of())) {
        String name = String.valueOf(((Map<?, ?>) patch).get("path"));
        assertThat(Files.exists(folder.resolve(name))).as("%s: %s", file, name).isTrue();
      }
    }
  }

  @Test
  void pods_keepToTheRestrictedStandard() {
    restricted(deployment().getSpec().getTemplate().getSpec());
    Job job =
        MAPPER.convertValue(
            DeployFiles.yaml(DeployFiles.FOLDER.resolve("kubernetes/example/first-key.yaml")),
            Job.class);
    restricted(job.getSpec().getTemplate().getSpec());
  }

  private static void restricted(PodSpec pod) {
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getHostNetwork()).isNull();
    for (Container container : pod.getContainers()) {
      assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
      assertThat(container.getSecurityContext().getPrivileged()).isNull();
    }
  }

  @Test
  void probes_askWhatTheServerAnswers_andTheEndLeavesTimeForAnswers() {
    Container container = container();
    assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/health/live");
    assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/health/ready");
    assertThat(container.getStartupProbe().getHttpGet().getPath()).isEqualTo("/health/ready");
    assertThat(container.getPorts().getFirst().getName())
        .isEqualTo(container.getLivenessProbe().getHttpGet().getPort().getStrVal());
    List<String> args = container.getArgs();
    long grace = Long.parseLong(args.get(args.indexOf("--grace") + 1));
    long before = container.getLifecycle().getPreStop().getSleep().getSeconds();
    assertThat(deployment().getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
        .isGreaterThan(grace + before);
  }

  @Test
  void memory_isAskedForAndBoundedAlike() {
    Quantity asked = container().getResources().getRequests().get("memory");
    assertThat(asked).isEqualTo(container().getResources().getLimits().get("memory"));
    assertThat(asked.getNumericalAmount().longValue()).isGreaterThan(2L << 30);
  }

  @Test
  void selectors_findThePod() {
    Map<String, String> labels = deployment().getSpec().getTemplate().getMetadata().getLabels();
    Service service = MAPPER.convertValue(DeployFiles.yaml(base("service.yaml")), Service.class);
    PodDisruptionBudget budget =
        MAPPER.convertValue(
            DeployFiles.yaml(base("disruption-budget.yaml")), PodDisruptionBudget.class);
    NetworkPolicy policy =
        MAPPER.convertValue(DeployFiles.yaml(base("network-policy.yaml")), NetworkPolicy.class);
    assertThat(labels).containsAllEntriesOf(deployment().getSpec().getSelector().getMatchLabels());
    assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
    assertThat(labels).containsAllEntriesOf(budget.getSpec().getSelector().getMatchLabels());
    assertThat(labels).containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels());
    assertThat(service.getSpec().getPorts().getFirst().getTargetPort().getStrVal())
        .isEqualTo(container().getPorts().getFirst().getName());
  }

  @Test
  void patch_changesTheContainerOfTheBase() {
    Deployment patch =
        MAPPER.convertValue(
            DeployFiles.yaml(DeployFiles.FOLDER.resolve("kubernetes/example/model-patch.yaml")),
            Deployment.class);
    assertThat(patch.getMetadata().getName()).isEqualTo(deployment().getMetadata().getName());
    assertThat(patch.getSpec().getTemplate().getSpec().getContainers().getFirst().getName())
        .isEqualTo(container().getName());
  }
}
