package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Op.Encoding.BOTH;
import static io.moineau.kernels.x86.Op.Encoding.EVEX;
import static io.moineau.kernels.x86.Op.Encoding.VEX;
import static io.moineau.kernels.x86.Op.Form.MR;
import static io.moineau.kernels.x86.Op.Form.MRI;
import static io.moineau.kernels.x86.Op.Form.RM;
import static io.moineau.kernels.x86.Op.Form.RMI;
import static io.moineau.kernels.x86.Op.Form.RVM;
import static io.moineau.kernels.x86.Op.Form.RVMI;
import static io.moineau.kernels.x86.Op.Form.VMI;
import static io.moineau.kernels.x86.Op.Tuple.FULL;
import static io.moineau.kernels.x86.Op.Tuple.HALF;
import static io.moineau.kernels.x86.Op.Tuple.LANE;
import static io.moineau.kernels.x86.Op.Tuple.QUARTER;
import static io.moineau.kernels.x86.Op.Tuple.SCALAR;
import static io.moineau.kernels.x86.Op.Tuple.TWO_LANES;
import static io.moineau.kernels.x86.Op.Tuple.WHOLE;

import java.util.Locale;

/**
 * The vector instructions that the kernels here use, as Intel's Software Developer's Manual, volume
 * 2, encodes them: opcode map (1: 0F, 2: 0F 38, 3: 0F 3A), prefix (0: none, 1: 66, 2: F3, 3: F2),
 * W, opcode, what the operands are, and how a memory operand's displacement is compressed under
 * EVEX.
 */
enum Op {
  // moves
  VMOVDQU(BOTH, 1, 2, 0, 0x6F, RM, WHOLE, 4, "vmovdqu32"),
  VMOVDQU_STORE(BOTH, 1, 2, 0, 0x7F, MR, WHOLE, 4, "vmovdqu", "vmovdqu32"),
  VMOVUPS(BOTH, 1, 0, 0, 0x10, RM, WHOLE, 4),
  VMOVUPS_STORE(BOTH, 1, 0, 0, 0x11, MR, WHOLE, 4, "vmovups", "vmovups"),
  VMOVSS_STORE(BOTH, 1, 2, 0, 0x11, MR, SCALAR, 4, "vmovss", "vmovss"),
  // integers, lane by lane
  VPXOR(BOTH, 1, 1, 0, 0xEF, RVM, FULL, 4, "vpxord"),
  VPAND(BOTH, 1, 1, 0, 0xDB, RVM, FULL, 4, "vpandd"),
  VPOR(BOTH, 1, 1, 0, 0xEB, RVM, FULL, 4, "vpord"),
  VPTERNLOGD(EVEX, 3, 1, 0, 0x25, RVMI, FULL, 4),
  VPADDW(BOTH, 1, 1, 0, 0xFD, RVM, WHOLE, 2),
  VPADDD(BOTH, 1, 1, 0, 0xFE, RVM, FULL, 4),
  VPSUBB(BOTH, 1, 1, 0, 0xF8, RVM, WHOLE, 1),
  VPSUBD(BOTH, 1, 1, 0, 0xFA, RVM, FULL, 4),
  VPMULLD(BOTH, 2, 1, 0, 0x40, RVM, FULL, 4),
  VPABSB(BOTH, 2, 1, 0, 0x1C, RM, WHOLE, 1),
  VPSIGNB(VEX, 2, 1, 0, 0x08, RVM, WHOLE, 1),
  VPCMPEQB(VEX, 1, 1, 0, 0x74, RVM, WHOLE, 1),
  VPCMPGTD(VEX, 1, 1, 0, 0x66, RVM, WHOLE, 4),
  VPMAXSD(BOTH, 2, 1, 0, 0x3D, RVM, FULL, 4),
  VPMADDUBSW(BOTH, 2, 1, 0, 0x04, RVM, WHOLE, 1),
  VPMADDWD(BOTH, 1, 1, 0, 0xF5, RVM, WHOLE, 2),
  VPSLLW(BOTH, 1, 1, 0, 0x71, VMI, 6, WHOLE, 2),
  VPSRLW(BOTH, 1, 1, 0, 0x71, VMI, 2, WHOLE, 2),
  VPSLLD(BOTH, 1, 1, 0, 0x72, VMI, 6, FULL, 4),
  VPSRLD(BOTH, 1, 1, 0, 0x72, VMI, 2, FULL, 4),
  VPSRAD(BOTH, 1, 1, 0, 0x72, VMI, 4, FULL, 4),
  VPROLVD(EVEX, 2, 1, 0, 0x15, RVM, FULL, 4),
  VPSRLVD(BOTH, 2, 1, 0, 0x45, RVM, FULL, 4),
  VPSRLVQ(BOTH, 2, 1, 1, 0x45, RVM, FULL, 8),
  /** AVX-512 VNNI: adds products of unsigned by signed bytes, four to each 32-bit lane. */
  VPDPBUSD(EVEX, 2, 1, 0, 0x50, RVM, FULL, 4),
  /** The same of AVX-VNNI. */
  VPDPBUSD_VEX(VEX, 2, 1, 0, 0x50, RVM, FULL, 4, "vpdpbusd", "vpdpbusd"),
  // rearranging
  VPSHUFB(BOTH, 2, 1, 0, 0x00, RVM, WHOLE, 1),
  VPSHUFD(BOTH, 1, 1, 0, 0x70, RMI, FULL, 4),
  VPUNPCKLDQ(BOTH, 1, 1, 0, 0x62, RVM, FULL, 4),
  VPUNPCKHDQ(BOTH, 1, 1, 0, 0x6A, RVM, FULL, 4),
  VPUNPCKLQDQ(BOTH, 1, 1, 1, 0x6C, RVM, FULL, 8),
  VPUNPCKHQDQ(BOTH, 1, 1, 1, 0x6D, RVM, FULL, 8),
  VPACKSSDW(BOTH, 1, 1, 0, 0x6B, RVM, FULL, 4),
  VPACKSSWB(BOTH, 1, 1, 0, 0x63, RVM, WHOLE, 2),
  VPERMD(BOTH, 2, 1, 0, 0x36, RVM, FULL, 4),
  VPERMW(EVEX, 2, 1, 1, 0x8D, RVM, WHOLE, 2),
  VPERMPS(BOTH, 2, 1, 0, 0x16, RVM, FULL, 4),
  VPERMQ(BOTH, 3, 1, 1, 0x00, RMI, FULL, 8),
  VPERM2I128(VEX, 3, 1, 0, 0x46, RVMI, WHOLE, 4),
  VSHUFI32X4(EVEX, 3, 1, 0, 0x43, RVMI, FULL, 4),
  VINSERTI128(BOTH, 3, 1, 0, 0x38, RVMI, LANE, 4, "vinserti32x4"),
  VINSERTI64X4(EVEX, 3, 1, 1, 0x3A, RVMI, TWO_LANES, 8),
  VEXTRACTI128(BOTH, 3, 1, 0, 0x39, MRI, LANE, 4, "vextracti128", "vextracti32x4"),
  VEXTRACTI64X4(EVEX, 3, 1, 1, 0x3B, MRI, TWO_LANES, 8, "vextracti64x4", "vextracti64x4"),
  VPBROADCASTB(BOTH, 2, 1, 0, 0x78, RM, SCALAR, 1),
  VPBROADCASTW(BOTH, 2, 1, 0, 0x79, RM, SCALAR, 2),
  VPBROADCASTD(BOTH, 2, 1, 0, 0x58, RM, SCALAR, 4),
  VBROADCASTSS(BOTH, 2, 1, 0, 0x18, RM, SCALAR, 4),
  VBROADCASTI128(BOTH, 2, 1, 0, 0x5A, RM, LANE, 4, "vbroadcasti32x4"),
  VBROADCASTI64X4(EVEX, 2, 1, 1, 0x5B, RM, TWO_LANES, 8),
  // converting
  VPMOVSXBD(BOTH, 2, 1, 0, 0x21, RM, QUARTER, 1),
  VPMOVZXBD(BOTH, 2, 1, 0, 0x31, RM, QUARTER, 1),
  VPMOVZXWD(BOTH, 2, 1, 0, 0x33, RM, HALF, 2),
  VCVTDQ2PS(BOTH, 1, 0, 0, 0x5B, RM, FULL, 4),
  VCVTPS2DQ(BOTH, 1, 1, 0, 0x5B, RM, FULL, 4),
  VCVTPH2PS(BOTH, 2, 1, 0, 0x13, RM, HALF, 2),
  VPMOVDW(EVEX, 2, 2, 0, 0x33, MR, HALF, 2),
  /** AVX-512 BF16: the second operand's floats, then the first's, rounded to 16 bits. */
  VCVTNE2PS2BF16(EVEX, 2, 3, 0, 0x72, RVM, FULL, 4),
  // floats
  VADDPS(BOTH, 1, 0, 0, 0x58, RVM, FULL, 4),
  VSUBPS(BOTH, 1, 0, 0, 0x5C, RVM, FULL, 4),
  VMULPS(BOTH, 1, 0, 0, 0x59, RVM, FULL, 4),
  VDIVPS(BOTH, 1, 0, 0, 0x5E, RVM, FULL, 4),
  VMAXPS(BOTH, 1, 0, 0, 0x5F, RVM, FULL, 4),
  VMINPS(BOTH, 1, 0, 0, 0x5D, RVM, FULL, 4),
  VHADDPS(VEX, 1, 3, 0, 0x7C, RVM, WHOLE, 4),
  VADDSS(BOTH, 1, 2, 0, 0x58, RVM, SCALAR, 4),
  VFMADD231PS(BOTH, 2, 1, 0, 0xB8, RVM, FULL, 4),
  VFMADD213PS(BOTH, 2, 1, 0, 0xA8, RVM, FULL, 4),
  VFNMADD231PS(BOTH, 2, 1, 0, 0xBC, RVM, FULL, 4),
  /** AVX-512 BF16: adds products of bfloat16, two to each 32-bit lane. */
  VDPBF16PS(EVEX, 2, 2, 0, 0x52, RVM, FULL, 4),
  VFMADD231SS(BOTH, 2, 1, 0, 0xB9, RVM, SCALAR, 4),
  // tiles (AMX); the third operand of a product is in vvvv, so its form is RMV
  TILELOADD(VEX, 2, 3, 0, 0x4B, RM, WHOLE, 4),
  TILESTORED(VEX, 2, 2, 0, 0x4B, MR, WHOLE, 4, "tilestored", "tilestored"),
  TILEZERO(VEX, 2, 3, 0, 0x49, Form.R, WHOLE, 4),
  LDTILECFG(VEX, 2, 0, 0, 0x49, Form.M, WHOLE, 4),
  TILERELEASE(VEX, 2, 0, 0, 0x49, Form.NONE, WHOLE, 4),
  TDPBSSD(VEX, 2, 3, 0, 0x5E, Form.RMV, WHOLE, 4),
  TDPBF16PS(VEX, 2, 2, 0, 0x5C, Form.RMV, WHOLE, 4);

  /** Which prefixes an instruction may have. */
  enum Encoding {
    VEX,
    EVEX,
    /** VEX up to 256 bits and register 15, EVEX beyond. */
    BOTH
  }

  /** What the operands are: R is the ModRM register, V the one in vvvv, M register or memory. */
  enum Form {
    NONE,
    R,
    M,
    RM,
    MR,
    RMI,
    MRI,
    RVM,
    RVMI,
    /** M is the second operand, V the third. */
    RMV,
    /** Destination in vvvv, a digit of the opcode in ModRM's register field. */
    VMI
  }

  /** By what EVEX divides a displacement of 8 bits. */
  enum Tuple {
    /** The whole vector, or one element if broadcast. */
    FULL,
    /** The whole vector. */
    WHOLE,
    HALF,
    QUARTER,
    /** One element. */
    SCALAR,
    /** 16 bytes. */
    LANE,
    /** 32 bytes. */
    TWO_LANES
  }

  final Encoding encoding;
  final int map;
  final int prefix;
  final int w;
  final int opcode;
  final Form form;
  final int digit;
  final Tuple tuple;
  final int element;
  private final String vexName;
  private final String evexName;

  Op(
      Encoding encoding,
      int map,
      int prefix,
      int w,
      int opcode,
      Form form,
      Tuple tuple,
      int element) {
    this(encoding, map, prefix, w, opcode, form, 0, tuple, element, "", "");
  }

  Op(
      Encoding encoding,
      int map,
      int prefix,
      int w,
      int opcode,
      Form form,
      int digit,
      Tuple tuple,
      int element) {
    this(encoding, map, prefix, w, opcode, form, digit, tuple, element, "", "");
  }

  Op(
      Encoding encoding,
      int map,
      int prefix,
      int w,
      int opcode,
      Form form,
      Tuple tuple,
      int element,
      String evexName) {
    this(encoding, map, prefix, w, opcode, form, 0, tuple, element, "", evexName);
  }

  Op(
      Encoding encoding,
      int map,
      int prefix,
      int w,
      int opcode,
      Form form,
      Tuple tuple,
      int element,
      String vexName,
      String evexName) {
    this(encoding, map, prefix, w, opcode, form, 0, tuple, element, vexName, evexName);
  }

  Op(
      Encoding encoding,
      int map,
      int prefix,
      int w,
      int opcode,
      Form form,
      int digit,
      Tuple tuple,
      int element,
      String vexName,
      String evexName) {
    this.encoding = encoding;
    this.map = map;
    this.prefix = prefix;
    this.w = w;
    this.opcode = opcode;
    this.form = form;
    this.digit = digit;
    this.tuple = tuple;
    this.element = element;
    this.vexName = vexName.isEmpty() ? name().toLowerCase(Locale.ROOT) : vexName;
    this.evexName = evexName.isEmpty() ? this.vexName : evexName;
  }

  /** The mnemonic, which differs between the two encodings for some. */
  String mnemonic(boolean evex) {
    return evex ? evexName : vexName;
  }

  /** Bytes of a memory operand: what EVEX scales a displacement of 8 bits by. */
  int memoryBytes(int bits, boolean broadcast) {
    return switch (tuple) {
      case FULL -> broadcast ? element : bits / 8;
      case WHOLE -> bits / 8;
      case HALF -> bits / 16;
      case QUARTER -> bits / 32;
      case SCALAR -> element;
      case LANE -> 16;
      case TWO_LANES -> 32;
    };
  }
}
