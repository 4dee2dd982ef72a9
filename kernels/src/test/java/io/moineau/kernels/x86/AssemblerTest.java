package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.Gpr.R10;
import static io.moineau.kernels.x86.Operand.Gpr.R12;
import static io.moineau.kernels.x86.Operand.Gpr.R13;
import static io.moineau.kernels.x86.Operand.Gpr.R14;
import static io.moineau.kernels.x86.Operand.Gpr.R9;
import static io.moineau.kernels.x86.Operand.Gpr.RAX;
import static io.moineau.kernels.x86.Operand.Gpr.RBP;
import static io.moineau.kernels.x86.Operand.Gpr.RBX;
import static io.moineau.kernels.x86.Operand.Gpr.RCX;
import static io.moineau.kernels.x86.Operand.Gpr.RDI;
import static io.moineau.kernels.x86.Operand.Gpr.RDX;
import static io.moineau.kernels.x86.Operand.Gpr.RSI;
import static io.moineau.kernels.x86.Operand.Gpr.RSP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Tile;
import io.moineau.kernels.x86.Operand.Vec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every instruction form, by bytes that a disassembler has confirmed, and by one where it is. */
class AssemblerTest {
  private static final Pattern DISASSEMBLED =
      Pattern.compile("\\s*([0-9a-f]+):\\t([^\\t]+)\\t(.+)");

  @TempDir Path folder;

  /** Registers and addresses that need each bit of each prefix. */
  private static final int[][] REGISTERS = {{1, 2, 3}, {9, 10, 11}, {0, 15, 8}, {17, 26, 29}};

  private static final Mem[] ADDRESSES = {
    Mem.at(RAX, 0),
    Mem.at(RBP, 0),
    Mem.at(RSP, 64),
    Mem.at(R12, -128),
    Mem.at(R13, 0),
    Mem.at(R9, 4 * 1024),
    Mem.at(RDX, R10, 4, 6),
    Mem.at(R14, RCX, 8, 16_384),
    Mem.at(RSI, -34),
  };

  private static Assembler samples() {
    Assembler a = new Assembler();
    for (Op op : Op.values()) {
      switch (op.form) {
        case NONE -> a.op(op);
        case R -> {
          a.op(op, new Tile(0));
          a.op(op, new Tile(5));
        }
        case M -> {
          for (Mem address : ADDRESSES) {
            a.op(op, address);
          }
        }
        case RMV -> {
          a.op(op, new Tile(0), new Tile(1), new Tile(2));
          a.op(op, new Tile(7), new Tile(5), new Tile(3));
        }
        default -> {
          if (op == Op.TILELOADD) {
            a.op(op, new Tile(3), Mem.at(RSI, RAX, 1, 0));
            a.op(op, new Tile(6), Mem.at(R12, R13, 1, 1024));
          } else if (op == Op.TILESTORED) {
            a.op(op, Mem.at(RSI, RAX, 1, 0), new Tile(3));
            a.op(op, Mem.at(R12, R13, 1, 1024), new Tile(6));
          } else {
            vectorSamples(a, op);
          }
        }
      }
    }
    generalSamples(a);
    return a;
  }

  private static void vectorSamples(Assembler a, Op op) {
    boolean scalar = op.tuple == Op.Tuple.SCALAR && op.name().endsWith("SS");
    for (int bits : new int[] {128, 256, 512}) {
      boolean lanesOnly =
          switch (op) {
            case VMOVSS_STORE -> bits == 128;
            case VPERMD, VPERMPS, VPERMQ, VBROADCASTI128, VINSERTI128, VEXTRACTI128, VPERM2I128 ->
                bits > 128;
            case VINSERTI64X4, VEXTRACTI64X4, VBROADCASTI64X4 -> bits == 512;
            case VSHUFI32X4 -> bits > 128;
            default -> !scalar || op == Op.VBROADCASTSS || bits == 128;
          };
      if (!lanesOnly || bits == 512 && op.encoding == Op.Encoding.VEX) {
        continue;
      }
      for (int[] registers : REGISTERS) {
        if (registers[0] > 15 && op.encoding == Op.Encoding.VEX) {
          continue;
        }
        Vec r = new Vec(registers[0], bits);
        Vec v = new Vec(registers[1], bits);
        Vec m = new Vec(registers[2], narrow(op, bits));
        switch (op.form) {
          case RM -> {
            if (op != Op.VBROADCASTI128 && op != Op.VBROADCASTI64X4) {
              a.op(op, r, m);
            }
          }
          case RVM -> a.op(op, r, v, m);
          case RMI -> a.op(op, r, m, 0x4E);
          case RVMI -> a.op(op, r, v, m, 1);
          case MRI -> a.op(op, m, r, 1);
          case VMI -> a.op(op, v, m, 4);
          default -> {}
        }
      }
      int high = op.encoding == Op.Encoding.VEX ? 12 : 30;
      for (int i = 0; i < ADDRESSES.length; i++) {
        boolean evex = op.encoding == Op.Encoding.EVEX || bits == 512;
        Mem m = ADDRESSES[i];
        if (op.tuple == Op.Tuple.FULL && evex && i % 3 == 0) {
          m = m.toAll();
        }
        Vec r = new Vec(i % 2 == 0 ? 5 : high, bits);
        Vec v = new Vec(i % 3 == 0 ? high : 6, bits);
        switch (op.form) {
          case RM -> a.op(op, r, m);
          case MR -> a.op(op, m, r);
          case RVM -> a.op(op, r, v, m);
          case RMI -> a.op(op, r, m, 0x4E);
          case RVMI -> a.op(op, r, v, m, 1);
          case MRI -> a.op(op, m, r, 1);
          case VMI -> {
            if (evex) {
              a.op(op, v, m, 4);
            }
          }
          default -> {}
        }
      }
    }
  }

  /** The width of a register in ModRM's last field, which conversions and inserts have narrower. */
  private static int narrow(Op op, int bits) {
    return switch (op.tuple) {
      case HALF -> Math.max(128, bits / 2);
      case QUARTER -> Math.max(128, bits / 4);
      case LANE -> 128;
      case SCALAR -> 128;
      case TWO_LANES -> 256;
      default -> bits;
    };
  }

  private static void generalSamples(Assembler a) {
    for (Operand.Gpr r : Operand.Gpr.values()) {
      a.mov(r, RBX);
      a.mov(R9, r);
      a.mov(r, 0x12345678);
      a.add(r, RCX);
      a.sub(R12, r);
      a.and(r, RAX);
      a.or(r, R10);
      a.xor(r, r);
      a.cmp(r, R13);
      a.test(r, r);
      a.imul(r, RDI);
      a.add(r, 64);
      a.add(r, 4096);
      a.sub(r, 1);
      a.and(r, 15);
      a.or(r, 1);
      a.xor(r, 3);
      a.cmp(r, 300);
      a.shl(r, 3);
      a.shr(r, 5);
      a.push(r);
      a.pop(r);
    }
    for (Mem m : ADDRESSES) {
      a.mov(RDX, m);
      a.mov(m, R9);
      a.mov32(m, R10);
      a.mov32(R10, m);
      a.mov16(m, RCX);
      a.mov16(m, R9);
      a.movzx16(R13, m);
      a.movzx8(RSI, m);
      a.lea(R14, m);
      a.prefetcht0(m);
    }
    a.cpuid();
    a.xgetbv();
    a.vzeroupper();
    a.ret();
  }

  @Test
  void everyForm_equalsConfirmedBytes() throws IOException {
    Assembler a = samples();
    List<String> actual = lines(a);
    Path record = Path.of(System.getProperty("moineau.record.assembly", ""));
    if (!record.toString().isEmpty()) {
      Files.write(record, actual);
    }
    List<String> expected;
    try (InputStream in = AssemblerTest.class.getResourceAsStream("assembly.txt")) {
      expected = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    assertThat(actual).isEqualTo(expected);
    for (Op op : Op.values()) {
      assertThat(a.listing()).as("a sample of %s", op).anyMatch(i -> i.op() == op);
    }
  }

  @Test
  void everyForm_isReadByObjdumpAsItWasWritten() throws Exception {
    Assembler a = samples();
    byte[] code = a.finish();
    List<String> seen = disassemble(code);
    List<Assembler.Instruction> listing = a.listing();
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < Math.min(seen.size(), listing.size()); i++) {
      String wanted =
          Integer.toHexString(listing.get(i).offset()) + " " + plain(listing.get(i).toString());
      if (!wanted.equals(seen.get(i))) {
        differences.add(wanted + "   objdump: " + seen.get(i));
      }
    }
    assertThat(differences).isEmpty();
    assertThat(seen).hasSameSizeAs(listing);
  }

  /** Whether there is a GNU objdump that knows AVX-VNNI and AMX: from 2.37 on. */
  private static boolean objdumpKnowsAll() throws Exception {
    try {
      Process objdump = new ProcessBuilder("objdump", "--version").start();
      String text = new String(objdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = Pattern.compile("GNU objdump.*? (\\d+)\\.(\\d+)").matcher(text);
      return version.find()
          && 1000 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2)) >= 2037;
    } catch (IOException e) {
      return false;
    }
  }

  /** Offset and text of each instruction, in the form of our own listing. */
  private List<String> disassemble(byte[] code) throws Exception {
    assumeTrue(
        objdumpKnowsAll(),
        "no GNU objdump 2.37 or later: forms are checked by confirmed bytes alone");
    Path binary = folder.resolve("code.bin");
    Files.write(binary, code);
    Process objdump =
        new ProcessBuilder(
                "objdump",
                "-D",
                "-b",
                "binary",
                "-m",
                "i386:x86-64",
                "-M",
                "intel",
                "--insn-width=16",
                binary.toString())
            .redirectErrorStream(true)
            .start();
    List<String> found = new ArrayList<>();
    for (String line :
        new String(objdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
      Matcher matcher = DISASSEMBLED.matcher(line);
      if (matcher.matches()) {
        found.add(matcher.group(1) + " " + plain(matcher.group(3)));
      }
    }
    assertThat(objdump.waitFor()).isZero();
    return found;
  }

  /** Without what is only notation: operand sizes, number forms, spaces. */
  private static String plain(String text) {
    return text.replaceAll("\\b[A-Z]+ (PTR|BCST) ", "")
        .replaceAll("\\{1to\\d+\\}", "")
        .replaceAll("\\+riz\\*1|\\+0x0\\b", "")
        .replaceAll("\\s*#.*", "")
        .replaceAll("\\s+", " ")
        .replace("{vex} ", "")
        .replace("movabs", "mov")
        .replaceAll(",\\s+", ",")
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  private static List<String> lines(Assembler a) {
    byte[] code = a.finish();
    List<String> lines = new ArrayList<>();
    List<Assembler.Instruction> listing = a.listing();
    for (int i = 0; i < listing.size(); i++) {
      int from = listing.get(i).offset();
      int to = i + 1 < listing.size() ? listing.get(i + 1).offset() : code.length;
      lines.add(HexFormat.of().formatHex(code, from, to) + "  " + listing.get(i));
    }
    return lines;
  }

  @Test
  void jumpsAndConstants_areResolved() {
    Assembler a = new Assembler();
    Operand.Label loop = a.label();
    a.bind(loop);
    a.op(Op.VPADDD, Operand.ymm(0), Operand.ymm(0), a.constant(1, 2, 3, 4, 5, 6, 7, 8));
    a.sub(RDI, 1);
    a.jump(Assembler.Condition.NE, loop);
    a.ret();
    byte[] code = a.finish();
    // vpaddd (8 bytes), sub (4), jne (6): back by 18; the constant lies at 64, 56 after vpaddd.
    assertThat(HexFormat.of().formatHex(code, 0, 19))
        .isEqualTo("c5fdfe0538000000" + "4883ef01" + "0f85eeffffff" + "c3");
    assertThat(code).hasSize(96);
    assertThat(code[64]).isEqualTo((byte) 1);
    assertThat(code[19]).as("between code and constants nothing runs").isEqualTo((byte) 0xCC);
  }

  @Test
  void mistakes_areRefused() {
    Assembler a = new Assembler();
    assertThatThrownBy(() -> a.op(Op.VPSIGNB, Operand.ymm(16), Operand.ymm(1), Operand.ymm(2)))
        .hasMessageContaining("no EVEX form");
    Operand.Label never = a.label();
    a.jump(never);
    assertThatThrownBy(a::finish).hasMessageContaining("never bound");
  }
}
