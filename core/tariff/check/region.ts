/**
 * Sets of moments as unions of boxes. Every axis of a tariff (day, time of day, energy, duration, power, current) is cut
 * at the tariff's own boundaries into atoms within which no restriction changes its mind; a box holds one set of atoms
 * per axis, as the bits of an integer, so that weekdays and windows over midnight are one box too.
 */

/** One set of atoms per axis, in the order of {@link axisNames}. Empty as soon as one of them is. */
export type Box = ReadonlyArray<bigint>

/** Boxes that do not overlap. */
export type Region = ReadonlyArray<Box>

export const axisNames = ["day", "time", "energy", "duration", "power", "current"] as const

/** How many boxes may still be made: an analysis without an end is none. Below zero the result means nothing. */
export interface Budget {
  left: number
}

export const isEmpty = (box: Box): boolean => box.some((bits) => bits === 0n)

export const intersect = (a: Box, b: Box): Box => a.map((bits, axis) => bits & b[axis]!)

/** Whether all of `a` is in `b`; `a` not empty. */
export const isWithin = (a: Box, b: Box): boolean => a.every((bits, axis) => (bits & ~b[axis]!) === 0n)

/** What of `a` is not in `b`: at most one box per axis. */
export const without = (a: Box, b: Box): Region => {
  for (let axis = 0; axis < a.length; axis++) if ((a[axis]! & b[axis]!) === 0n) return isEmpty(a) ? [] : [a]
  const rest: Array<Box> = []
  const inside = [...a]
  for (let axis = 0; axis < a.length; axis++) {
    const outside = inside[axis]! & ~b[axis]!
    if (outside === 0n) continue
    const box = [...inside]
    box[axis] = outside
    rest.push(box)
    inside[axis] = inside[axis]! & b[axis]!
  }
  return rest
}

/** What of a region is not in a box. */
export const subtract = (region: Region, box: Box, budget: Budget): Region => {
  if (budget.left < 0) return []
  const rest = region.flatMap((part) => without(part, box))
  budget.left -= region.length + rest.length
  return rest
}

/** What of a region is in a box. */
export const clip = (region: Region, box: Box, budget: Budget): Region => {
  budget.left -= region.length
  const inside: Array<Box> = []
  for (const part of region) {
    const both = intersect(part, box)
    if (!isEmpty(both)) inside.push(both)
  }
  return inside
}

/** The same region in fewer boxes: two that differ on one axis only become one. */
export const merge = (region: Region, budget: Budget): Region => {
  const boxes = [...region]
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length && budget.left >= 0; j++) {
      budget.left -= 1
      const differs = differences(boxes[i]!, boxes[j]!)
      if (differs.length !== 1) continue
      const axis = differs[0]!
      boxes[i] = boxes[i]!.map((bits, index) => (index === axis ? bits | boxes[j]![index]! : bits))
      boxes.splice(j, 1)
      // What has grown may now fit one that it was already held against.
      i = -1
      break
    }
  }
  return boxes
}

const differences = (a: Box, b: Box): ReadonlyArray<number> => {
  const axes: Array<number> = []
  for (let axis = 0; axis < a.length && axes.length < 2; axis++) if (a[axis] !== b[axis]) axes.push(axis)
  return axes
}
