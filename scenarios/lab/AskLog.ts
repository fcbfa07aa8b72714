import type { App } from "#simulator/fleet/Phone.ts"
import type { Ask, Wish } from "#simulator/oracles/operations.ts"

/** Writes down what is asked of stations through the CMS, and what the CMS says of it. */
export class AskLog {
  private readonly kept: Array<Ask> = []
  private readonly nowAtMs: () => number

  constructor(nowAtMs: () => number) {
    this.nowAtMs = nowAtMs
  }

  /** Every ask so far, in the order asked. */
  get asks(): ReadonlyArray<Ask> {
    return this.kept
  }

  /** Notes an ask; the returned function stands where the answer is waited for. */
  note(
    stationId: string,
    wish: Wish,
    answer: (isAgreed: boolean) => void,
    mustReach = false
  ): (isAgreed: boolean) => void {
    const ask: Ask = { stationId, wish, askedAtMs: this.nowAtMs(), mustReach, told: null }
    this.kept.push(ask)
    return (isAgreed) => {
      ask.told = { isAgreed, atMs: this.nowAtMs() }
      answer(isAgreed)
    }
  }

  /** The same phone, whose every ask is written down. */
  through(app: App): App {
    return {
      start: (request, answer) => {
        const { stationId, evseId, token } = request
        app.start(request, this.note(stationId, { do: "start", evseId, tokenUid: token.uid }, answer))
      },
      stop: (request, answer) => {
        const { stationId, ocppTransactionId } = request
        if (ocppTransactionId === null) app.stop(request, answer)
        else app.stop(request, this.note(stationId, { do: "stop", ocppTransactionId }, answer))
      }
    }
  }
}
