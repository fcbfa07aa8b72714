/** What a CMS says of a token, the same in every version. */
export interface IdInfo {
  /** As the dialect spells it; "Accepted" in all of them. */
  readonly status: string
  /** From this instant on the answer must not be believed any more; null is for ever. */
  readonly expiresAtMs: number | null
  /** parentIdTag, groupIdToken. */
  readonly groupId: string | null
}

/**
 * A station's memory of answers about tokens (1.6 section 3.5.1, 2.0.1 C10). Bounded: the longest untouched is
 * forgotten first. Keys are canonical uids.
 */
export class AuthorizationCache {
  private entries: Map<string, IdInfo> | undefined
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  put(uid: string, info: IdInfo): void {
    this.entries ??= new Map()
    this.entries.delete(uid)
    this.entries.set(uid, info)
    if (this.entries.size <= this.limit) return
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest)
      return
    }
  }

  /** What is known of a token at an instant; an expired answer is not known any more. */
  get(uid: string, atMs: number): IdInfo | undefined {
    const info = this.entries?.get(uid)
    if (info === undefined || (info.expiresAtMs !== null && info.expiresAtMs <= atMs)) return undefined
    return info
  }

  clear(): void {
    this.entries = undefined
  }

  get size(): number {
    return this.entries?.size ?? 0
  }
}

export interface OfflinePolicy {
  readonly cacheEnabled: boolean
  readonly localAuthorizeOffline: boolean
  readonly allowOfflineForUnknown: boolean
}

/**
 * Whether a token may charge when nobody can be asked (1.6 section 3.5, 2.0.1 C10 and C15): one the cache accepts if
 * LocalAuthorizeOffline, one it does not know if AllowOfflineTxForUnknownId, never one it knows as bad.
 */
export const mayChargeOffline = (known: IdInfo | undefined, policy: OfflinePolicy): boolean => {
  if (known !== undefined && policy.cacheEnabled) return known.status === "Accepted" && policy.localAuthorizeOffline
  return policy.allowOfflineForUnknown
}
