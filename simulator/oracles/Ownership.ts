import { Findings, type Outcome } from "./Oracle.ts"

/** Who owns a station: the node that claimed it, under an epoch that every claim raises. */
export interface Owner {
  readonly stationId: string
  readonly epoch: number
  readonly node: string
}

/** Claims of a station kept in mind, the newest. */
const keptClaims = 32

/**
 * Holds each claim of a station and each write for it against who owned it when the node began it: of two that overlap the
 * answers may come in another order than what they did, but what was answered before something began came before it. A
 * late write of an older owner mostly says what is true all the same, so that nothing else would tell of it.
 */
export class Ownership {
  private readonly found = new Findings()
  /** The nodes that claimed a station, by epoch. */
  private readonly claims = new Map<string, Map<number, string>>()
  private readonly owners = new Map<string, Owner>()

  /** Who owns a station for all that is known now: asked where a node begins to claim it or to write for it. */
  ownerOf(stationId: string): Owner | undefined {
    return this.owners.get(stationId)
  }

  /** `before`: who owned it when the claim began. */
  claimed(owner: Owner, before: Owner | undefined): void {
    const { stationId, epoch, node } = owner
    const claims = this.claims.get(stationId) ?? new Map<number, string>()
    this.claims.set(stationId, claims)
    this.found.check()
    const twin = claims.get(epoch)
    if (twin !== undefined) this.fail(stationId, `an epoch of its own, not that of ${twin}`, `${epoch} for ${node}`)
    else if (before !== undefined && epoch <= before.epoch)
      this.fail(stationId, `an epoch above ${before.epoch}, which ${before.node} has`, `${epoch} for ${node}`)
    claims.set(epoch, node)
    claims.delete(epoch - keptClaims)
    if (epoch > (this.owners.get(stationId)?.epoch ?? -1)) this.owners.set(stationId, owner)
  }

  /** `before`: who owned it when the write began. */
  wrote({ stationId, epoch, node }: Owner, before: Owner | undefined): void {
    this.found.check()
    if (before === undefined) return
    const claimedBy = this.claims.get(stationId)?.get(epoch)
    if (epoch >= before.epoch && claimedBy === node) return
    this.fail(stationId, `writes of ${before.node} under epoch ${before.epoch}`, `one of ${node} under epoch ${epoch}`)
  }

  outcome(): Outcome {
    return this.found.outcome()
  }

  private fail(stationId: string, expected: string, found: string): void {
    const sentence = "A node acted for a station that another one owned."
    this.found.fail({ stationId, sessionId: null, transactionId: null, expected, found, sentence })
  }
}
