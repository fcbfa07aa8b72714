/** What the CMS last said to a BootNotification; "Unknown" before it said anything. */
export type Registration = "Unknown" | "Accepted" | "Pending" | "Rejected"

/** A BootNotification's answer, the same in every version. `intervalS` 0 leaves it to the station. */
export interface BootAnswer {
  readonly status: "Accepted" | "Pending" | "Rejected"
  readonly intervalS: number
}

/** What a station does about an answer: registered with a heartbeat, or another attempt later. */
export type AfterBoot =
  | { readonly registration: "Accepted"; readonly heartbeatS: number | null }
  | { readonly registration: "Pending" | "Rejected"; readonly retryInS: number }

/** Wait before the next BootNotification when neither an answer nor its interval says anything. */
export const defaultRetryS = 60

/**
 * Obeys a BootNotification's answer (1.6 section 4.2, 2.0.1 B01 to B03): accepted, `interval` is the heartbeat's
 * period; otherwise it is the least wait before the next attempt, and 0 means that the station chooses.
 */
export const afterBoot = (answer: BootAnswer): AfterBoot => {
  const interval = answer.intervalS > 0 ? answer.intervalS : null
  return answer.status === "Accepted"
    ? { registration: "Accepted", heartbeatS: interval }
    : { registration: answer.status, retryInS: interval ?? defaultRetryS }
}

export type Purpose = "boot" | "triggered" | "report" | "other"

/**
 * Whether a station may send a message of this purpose. Before it is accepted it sends boots, and in Pending what it
 * was triggered for and the reports it was asked for (2.0.1 B02.FR.02); rejected, boots only.
 */
export const maySend = (registration: Registration, purpose: Purpose): boolean => {
  switch (registration) {
    case "Accepted":
      return true
    case "Pending":
      return purpose !== "other"
    default:
      return purpose === "boot"
  }
}

/** Whether it obeys a remote start or stop: only once accepted (1.6 section 4.2, 2.0.1 B02.FR.05). */
export const mayBeCommanded = (registration: Registration): boolean => registration === "Accepted"

/** The wait before connection attempt number `attempt`, counted from 0, in ms (2.x part 4 section 5.3). */
export const backOffMs = (
  attempt: number,
  limits: { readonly waitMinimumS: number; readonly randomRangeS: number; readonly repeatTimes: number },
  luck: number
): number =>
  Math.round((limits.waitMinimumS * 2 ** Math.min(attempt, limits.repeatTimes) + limits.randomRangeS * luck) * 1000)
