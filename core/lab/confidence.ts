/** A mean over seeds with the interval in which the true mean lies with 95 % confidence (Student's t). */
export interface Estimate {
  readonly mean: number
  /** Half the interval's width; null of fewer than two values. */
  readonly margin: number | null
}

/** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1 on. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042
]

/** By degrees of freedom; beyond the table an approximation that is right to three decimals. */
const studentT = (freedom: number): number => quantiles[freedom - 1] ?? 1.96 + 2.372 / freedom + 2.82 / freedom ** 2

/** Mean and interval of values that are independent of each other; there must be one. */
export const estimate = (values: ReadonlyArray<number>): Estimate => {
  const { length } = values
  const mean = values.reduce((sum, it) => sum + it, 0) / length
  if (length < 2) return { mean, margin: null }
  const variance = values.reduce((sum, it) => sum + (it - mean) ** 2, 0) / (length - 1)
  return { mean, margin: studentT(length - 1) * Math.sqrt(variance / length) }
}
