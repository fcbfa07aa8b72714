import { keyInUse, keyReused, type Reply } from "./Reply.ts"

interface Kept {
  readonly fingerprint: string
  readonly sinceMs: number
  reply: Reply | null
}

/** How long the provider remembers a key. */
export const keptForMs = 86_400_000

/** What the provider remembers of requests that carried a key; forgotten after a day. */
export class IdempotencyKeys {
  private readonly kept = new Map<string, Kept>()

  /** Begins a request, or says what it must be answered: the first answer again, or why the key will not do. */
  begin(
    key: string,
    fingerprint: string,
    nowAtMs: number
  ): { readonly again: Reply; readonly isReplay: boolean } | undefined {
    this.prune(nowAtMs)
    const there = this.kept.get(key)
    if (there === undefined) {
      this.kept.set(key, { fingerprint, sinceMs: nowAtMs, reply: null })
      return undefined
    }
    if (there.fingerprint !== fingerprint) return { again: keyReused(key), isReplay: false }
    if (there.reply === null) return { again: keyInUse, isReplay: false }
    return { again: there.reply, isReplay: true }
  }

  /** The request was carried out. An answer before anything was begun frees the key. */
  finish(key: string, reply: Reply): void {
    const there = this.kept.get(key)
    if (there === undefined) return
    if (reply.kept) there.reply = { ...reply, body: structuredClone(reply.body) }
    else this.kept.delete(key)
  }

  private prune(nowAtMs: number): void {
    for (const [key, { sinceMs }] of this.kept) {
      // In the order made: the first that is young enough ends the search.
      if (nowAtMs - sinceMs < keptForMs) return
      this.kept.delete(key)
    }
  }
}
