/** Rounds a probability: a net's fifth digit is noise, and reports compare better without it. */
export const roundShare = (share: number): number => Math.round(share * 10_000) / 10_000;
