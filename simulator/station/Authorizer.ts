import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import { canonicalUid, type PresentedToken } from "#core/token/Token.ts"
import { AuthorizationCache, type IdInfo, mayChargeOffline } from "./AuthorizationCache.ts"
import type { Settings } from "./Settings.ts"
import type { Call, Voice } from "./Voice.ts"

/** A decision about a token. */
export interface Verdict {
  readonly accepted: boolean
  /** The CMS's status, or "Offline" when nobody could be asked, or "Error" when the CMS answered nonsense. */
  readonly status: string
  readonly groupId: string | null
  /** Decided without the CMS. */
  readonly offline: boolean
}

export interface AuthorizerHost {
  readonly settings: Settings
  readonly voice: Voice
  nowAtMs(): number
  isOnline(): boolean
  call(call: Call, done: (response: unknown) => void, failed: (failure: CallFailure) => void): void
  onJudged(token: PresentedToken, status: string): void
}

/**
 * Decides whether a token may charge: by the cache first where LocalPreAuthorize says so, by asking the CMS, and when
 * it cannot be reached by the offline policy (1.6 sections 3.5 and 4.1, 2.0.1 C01 to C12).
 */
export class Authorizer {
  private readonly host: AuthorizerHost
  readonly cache: AuthorizationCache

  constructor(host: AuthorizerHost, cacheLimit: number) {
    this.host = host
    this.cache = new AuthorizationCache(cacheLimit)
  }

  /** Answers once, at this instant or later. */
  ask(token: PresentedToken, answer: (verdict: Verdict) => void): void {
    const { host } = this
    const { settings } = host
    const known = this.known(token)
    if (settings.cacheEnabled && settings.localPreAuthorize && known?.status === "Accepted") {
      answer({ accepted: true, status: known.status, groupId: known.groupId, offline: false })
      return
    }
    if (!host.isOnline()) {
      answer(this.decideOffline(token))
      return
    }
    host.call(
      host.voice.authorize(token),
      (response) => {
        const info = host.voice.readAuthorize(response)
        this.learn(token, info)
        host.onJudged(token, info.status)
        const { status, groupId } = info
        answer({ accepted: status === "Accepted", status, groupId, offline: false })
      },
      (failure) => {
        if (failure._tag === "CallRefused" || failure._tag === "AnswerInvalid") {
          answer({ accepted: false, status: "Error", groupId: null, offline: false })
        } else answer(this.decideOffline(token))
      }
    )
  }

  /** What the cache believes of a token now. */
  known(token: PresentedToken): IdInfo | undefined {
    return this.cache.get(canonicalUid(token.uid), this.host.nowAtMs())
  }

  /** Keeps an answer, with an expiry of the cache's own when it brought none. */
  learn(token: PresentedToken, info: IdInfo): void {
    const { cacheEnabled, cacheLifeTimeS } = this.host.settings
    if (!cacheEnabled) return
    const expiresAtMs = info.expiresAtMs ?? (cacheLifeTimeS > 0 ? this.host.nowAtMs() + cacheLifeTimeS * 1000 : null)
    this.cache.put(canonicalUid(token.uid), { ...info, expiresAtMs })
  }

  private decideOffline(token: PresentedToken): Verdict {
    const known = this.known(token)
    const accepted = mayChargeOffline(known, this.host.settings)
    return { accepted, status: "Offline", groupId: known?.groupId ?? null, offline: true }
  }
}
