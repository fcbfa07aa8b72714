import type { Word } from "./cards.ts"

/** What becomes of a request. `silent`: the answer never comes; `broken`: 500; `busy`: 429. `made`: it was carried out. */
export type Fate =
  | { readonly _tag: "Answered" }
  | { readonly _tag: "Silent"; readonly made: boolean }
  | { readonly _tag: "Broken"; readonly made: boolean }
  | { readonly _tag: "Busy" }
  | { readonly _tag: "Slow"; readonly forMs: number }

/** How the holder of a card answers its bank's question; undefined `afterMs`: never. */
export interface Challenge {
  readonly passed: boolean
  readonly afterMs: number | undefined
}

/** What a dispute comes to. */
export interface Quarrel {
  readonly afterMs: number
  readonly decidedAfterMs: number
  readonly won: boolean
}

/**
 * The places where something may go wrong, each asked when the provider comes to it. Undefined: nothing does. What is
 * asked carries what chance may want to look at, and nothing else.
 */
export interface Hooks {
  readonly receive: (request: { readonly method: string; readonly path: string }) => Fate | undefined
  readonly word: (attempt: { readonly amount: number; readonly offSession: boolean }) => Word | undefined
  readonly challenge: () => Challenge | undefined
  /** Less than was asked for, in minor units. */
  readonly part: (amount: number) => number | undefined
  readonly increment: () => Word | undefined
  readonly lifetimeMs: () => number | undefined
  readonly quarrel: () => Quarrel | undefined
  /** When each copy of a notification is sent, ms from now; none when it is lost. */
  readonly send: (event: { readonly type: string }) => ReadonlyArray<number> | undefined
  /** How long until the index of the search knows an object, ms. */
  readonly indexedAfterMs: () => number | undefined
}

type Named = { readonly fault: string; readonly hooks: Partial<Hooks> }

/** The misfortunes that are on. The one that began first and has something to say decides; every strike is counted. */
export class Luck {
  private active = new Set<Named>()
  private readonly struck = new Map<string, number>()

  /** How often each fault did something, by name. */
  get strikes(): ReadonlyMap<string, number> {
    return this.struck
  }

  /** Lets a fault loose, ahead of all others if `isFirst`; the returned function ends it. */
  add(fault: string, hooks: Partial<Hooks>, isFirst = false): () => void {
    const named = { fault, hooks }
    if (isFirst) this.active = new Set([named, ...this.active])
    else this.active.add(named)
    return () => {
      this.active.delete(named)
    }
  }

  /** Notes a strike of a fault that acts by itself. */
  count(fault: string): void {
    this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1)
  }

  ask<K extends keyof Hooks>(place: K, ...about: Parameters<Hooks[K]>): ReturnType<Hooks[K]> | undefined {
    for (const { fault, hooks } of this.active) {
      const hook = hooks[place] as ((...given: Parameters<Hooks[K]>) => ReturnType<Hooks[K]> | undefined) | undefined
      const word = hook?.(...about)
      if (word === undefined) continue
      this.count(fault)
      return word
    }
    return undefined
  }
}
