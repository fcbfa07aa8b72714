import { Findings, type Outcome } from "./Oracle.ts"

/** Who owns a station: the node that claimed it, under an epoch that every claim raises. */
export interface Owner {
  readonly stationId: string
  readonly epoch: number
  readonly node: string
}

/**
 * Holds each write for a station against who owns it at that instant. A late write of an older owner mostly says what is
 * true all the same, so that nothing else would tell of it.
 */
export class Ownership {
  private readonly found = new Findings()
  private readonly owners = new Map<string, Owner>()

  claimed(owner: Owner): void {
    const { stationId, epoch, node } = owner
    const known = this.owners.get(stationId)
    this.found.check()
    if (known !== undefined && epoch <= known.epoch) {
      this.fail(stationId, `an epoch above ${known.epoch}, which ${known.node} has`, `${epoch} for ${node}`)
    }
    this.owners.set(stationId, owner)
  }

  wrote({ stationId, epoch, node }: Owner): void {
    this.found.check()
    const known = this.owners.get(stationId)
    if (known === undefined || (epoch === known.epoch && node === known.node)) return
    this.fail(stationId, `writes of ${known.node} under epoch ${known.epoch}`, `one of ${node} under epoch ${epoch}`)
  }

  outcome(): Outcome {
    return this.found.outcome()
  }

  private fail(stationId: string, expected: string, found: string): void {
    const sentence = "A node acted for a station that another one owned."
    this.found.fail({ stationId, sessionId: null, transactionId: null, expected, found, sentence })
  }
}
