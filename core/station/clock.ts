/**
 * How a station's clock stands to ours, as far as its messages tell: each says what the clock showed, and when it came. A
 * message may have waited, so that the clock is ahead of what it shows by that; never behind.
 */
export interface ClockReckoning {
  /** The station's clock less ours, ms: the latency of a message too little. */
  readonly aheadMs: number
  /** Messages came at the pace of the clock: none of them had waited. */
  readonly isPaced: boolean
  /** What the message by which the pace is measured told, and when it came. */
  readonly atMs: number
  readonly receivedAtMs: number
  /** Messages in a row that came at the pace of the clock. */
  readonly even: number
  /**
   * Set ahead since it was known from its pace: what it showed before that is by the clock as it was then. Null where no such
   * turn is known.
   */
  readonly turned: { readonly firstShownMs: number; readonly aheadBeforeMs: number } | null
}

/** Over so long a pace shows; what waited comes in one rush. */
const paceMs = 10_000
/** That a clock is behind what it was shows over longer: messages that are told again after each failure are late at a pace, too. */
const behindPaceMs = 150_000
/** Who tells what failed again has less patience than that; so many in a row were not each told again by the same. */
const patienceMs = 15 * 60_000
const behindEven = 4
/** A clock that is off by less is right: what it says is taken as it is. */
const rightWithinMs = 60_000
/** A line that is slow at times, a clock without milliseconds. */
const unevenMs = 5_000

/** Whether a message shows our own instant as it comes: hardly any waits for just as long as its clock is ahead. */
export const showsOurs = (atMs: number, receivedAtMs: number): boolean => Math.abs(atMs - receivedAtMs) <= unevenMs

/** What is known once a message of `atMs`, by the station's clock, has come at `receivedAtMs`, by ours. */
export const heardAt = (known: ClockReckoning | undefined, atMs: number, receivedAtMs: number): ClockReckoning => {
  const aheadMs = atMs - receivedAtMs
  if (known === undefined) return { aheadMs, isPaced: false, atMs, receivedAtMs, even: 1, turned: null }
  const passedMs = receivedAtMs - known.receivedAtMs
  const shownMs = atMs - known.atMs
  const isEven = Math.abs(shownMs - passedMs) <= unevenMs
  const even = isEven ? known.even + 1 : 1
  const isToldAgain = aheadMs < -rightWithinMs && aheadMs > -patienceMs
  const isSlow = isToldAgain || aheadMs < known.aheadMs - rightWithinMs
  const isPaced = isEven && passedMs >= (isSlow ? behindPaceMs : paceMs) && (!isToldAgain || even >= behindEven)
  // What is told in order goes back only where the clock did.
  const isTurnedBack = shownMs < -unevenMs
  // In a rush some message shows our instant by chance.
  const isSetRight = passedMs >= paceMs && showsOurs(atMs, receivedAtMs)
  const isBelieved = aheadMs >= known.aheadMs || isPaced || isTurnedBack || isSetRight
  const reference = isEven && !isPaced ? known : { atMs, receivedAtMs }
  return {
    aheadMs: isBelieved ? aheadMs : known.aheadMs,
    // The pace of before says nothing of a clock that was turned back; and one message that is late may look like that.
    isPaced: isPaced || (known.isPaced && !isTurnedBack),
    atMs: reference.atMs,
    receivedAtMs: reference.receivedAtMs,
    even,
    turned: isTurnedBack ? null : (turnedAhead(known, aheadMs) ?? known.turned)
  }
}

/** It cannot show what it showed before it was set ahead, nor anything until then and as much more. */
const turnedAhead = (known: ClockReckoning, aheadMs: number): ClockReckoning["turned"] => {
  const byMs = aheadMs - known.aheadMs
  if (!known.isPaced || byMs < rightWithinMs) return null
  return { firstShownMs: known.atMs + byMs, aheadBeforeMs: known.aheadMs }
}

/** A start as the station told it; `offline`: it waited. */
export interface KnownStart {
  readonly atMs: number
  readonly receivedAtMs: number
  readonly offline: boolean
}

/**
 * By how much a station's clock is ahead of ours, ms. A start that was told at once says it too, until the pace of its
 * messages does; 0 where nothing is known.
 */
export const aheadBy = (known: ClockReckoning | undefined, start: KnownStart | null): number => {
  const startMs = start === null || start.offline ? undefined : start.atMs - start.receivedAtMs
  if (known === undefined) return startMs ?? 0
  return known.isPaced || startMs === undefined ? known.aheadMs : Math.max(known.aheadMs, startMs)
}

/**
 * The instant of ours that a station tells of as `atMs`. By how much its clock is ahead is known from any message; that it
 * is behind only from the pace of several, as one alone may have waited. What it cannot have shown since it was set ahead it
 * showed before, or once it was set right again. Nothing is told before it happens.
 */
export const ourInstant = (known: ClockReckoning | undefined, atMs: number, receivedAtMs: number): number => {
  const isBefore = known?.turned != null && atMs < known.turned.firstShownMs
  const shownAheadMs = isBefore ? known.turned!.aheadBeforeMs : (known?.aheadMs ?? 0)
  const aheadMs = known?.isPaced === true ? shownAheadMs : Math.max(0, shownAheadMs)
  return Math.min(Math.abs(aheadMs) < rightWithinMs ? atMs : atMs - aheadMs, receivedAtMs)
}
