import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/**
 * Gives the old classes of a jar (picocli's are in the form of Java 5) the form of Java 17, with
 * stack maps: the JVM keeps older ones out of its AOT cache and verifies them the slow way at every
 * start. What they do stays the same. Run by the build as a single source file.
 */
public final class RenewClasses {
  private static final int NEW_ENOUGH = ClassFile.JAVA_8_VERSION;

  private RenewClasses() {}

  /** Renews the jar that is named, in place. */
  public static void main(String[] args) throws IOException {
    Path jar = Path.of(args[0]).toAbsolutePath();
    try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), java.util.Map.of())) {
      ClassFile form =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.defaultResolver()
                      .orElse(ClassHierarchyResolver.ofClassLoading(classes))));
      List<Path> files;
      try (Stream<Path> all = Files.walk(zip.getPath("/"))) {
        files = all.filter(path -> path.toString().endsWith(".class")).toList();
      }
      for (Path file : files) {
        byte[] bytes = Files.readAllBytes(file);
        if (((bytes[6] & 0xff) << 8 | (bytes[7] & 0xff)) >= NEW_ENOUGH) {
          continue;
        }
        ClassModel old = form.parse(bytes);
        FileTime time = Files.getLastModifiedTime(file);
        byte[] made =
            form.transformClass(
                old,
                ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                    .andThen(
                        (builder, element) -> {
                          if (element instanceof ClassFileVersion) {
                            builder.withVersion(ClassFile.JAVA_17_VERSION, 0);
                          } else {
                            builder.with(element);
                          }
                        }));
        Files.write(file, made);
        Files.setLastModifiedTime(file, time);
      }
    }
  }
}
