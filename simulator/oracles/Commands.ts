/** A CALL that the CMS sent, and the result that reached it. */
export interface Command {
  readonly stationId: string
  readonly atMs: number
  readonly action: string
  readonly payload: unknown
  /** Undefined while there is none; a CALLERROR is none. */
  answer: unknown
  answeredAtMs: number | null
}

/** Commands kept of a run. */
const commandLimit = 100_000

/** What the CMS asks of stations, read off its end of every connection. */
export class Commands {
  private readonly all: Array<Command> = []
  private readonly nowAtMs: () => number

  constructor(nowAtMs: () => number) {
    this.nowAtMs = nowAtMs
  }

  /** Every command so far, in the order sent. */
  get sent(): ReadonlyArray<Command> {
    return this.all
  }

  /** Follows one connection: told of each CALL that goes out and of each CALLRESULT that comes in. */
  connection(stationId: string): {
    readonly asked: (messageId: string, text: string) => void
    readonly answered: (messageId: string, text: string) => void
  } {
    const open = new Map<string, Command>()
    return {
      asked: (messageId, text) => {
        const [, , action, payload] = JSON.parse(text) as [number, string, string, unknown]
        const atMs = this.nowAtMs()
        const command: Command = { stationId, atMs, action, payload, answer: undefined, answeredAtMs: null }
        open.set(messageId, command)
        if (this.all.length < commandLimit) this.all.push(command)
      },
      answered: (messageId, text) => {
        const command = open.get(messageId)
        if (command === undefined) return
        open.delete(messageId)
        command.answer = (JSON.parse(text) as ReadonlyArray<unknown>)[2]
        command.answeredAtMs = this.nowAtMs()
      }
    }
  }
}
