import { expect, test } from 'vitest';
import { boundOf, hottestLoop } from '../../bench/isa/listing.ts';

const RDNA2 = { family: 'NAVI21', clocksOfMultiplyAdd: 2 };
const RDNA3 = { family: 'NAVI31', clocksOfMultiplyAdd: 1 };

/** A loop of its own, and two nested ones, of which the inner has no arithmetic. */
const LISTING = `
BB0:
	v_fma_f32 v0, v1, v2, v3        ; 000000000000: 00000000 BB9
BB1:
	v_fmac_f32_e32 v0, v1, v2
	s_cbranch_scc1 BB1
BB2:
	buffer_load_dwordx4 v[0:3], v4, s[0:3], 0 offen
	v_mul_lo_u32 v0, v1, v2
BB3:
	v_add_nc_u32_e32 v0, v1, v2
	s_cbranch_vccnz BB3
BB4:
	ds_read2_b32 v[0:1], v0
	ds_store_b128 v0, v[0:3]
	v_fmac_f32_e32 v0, v1, v2
	v_fmaak_f32 v0, v1, v2, 0x1
	v_cndmask_b32_e64 v0, 0, v1, vcc
	s_branch BB2
	s_endpgm
`;

test('the hottest loop is the one with the most multiply-adds, inner loops included', () => {
  expect(hottestLoop(LISTING, RDNA2)).toEqual({
    instructionsPerMultiplyAdd: 11 / 2,
    multiplyAdds: 2 * 2,
    alu: 8 + 2 + 3 * 2,
    workgroupMemory: 8 + 16,
    cache: 16,
  });
});

test('RDNA 3 does its simple instructions in one clock, the others in two', () => {
  expect(hottestLoop(LISTING, RDNA3)).toMatchObject({ multiplyAdds: 2, alu: 8 + 2 + 3 });
});

test('the busiest unit bounds', () => {
  expect(
    boundOf({ instructionsPerMultiplyAdd: 2, multiplyAdds: 6, alu: 8, workgroupMemory: 12, cache: 1 }),
  ).toEqual({
    share: 0.5,
    by: 'workgroup memory',
  });
});

test('a listing without a loop is refused', () => {
  expect(() => hottestLoop('BB0:\n\ts_endpgm', RDNA2)).toThrow('no loop');
});
