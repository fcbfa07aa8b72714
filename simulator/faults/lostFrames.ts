import { define, ratio } from "./Entry.ts"
import { isAnswer, isCall, lost, twice } from "./Uplink.ts"

/**
 * Some of the station's messages never reach the CMS.
 *
 * The CMS owes: nothing for what it never heard; the repetition counts as the first.
 */
export const lostRequests = define({
  name: "lost-requests",
  about: "Modems that acknowledge to the firmware what they have not sent yet, and lose their buffer when they redial.",
  owes: "the repetition taken as the first",
  family: "network",
  fields: { ratio: ratio(0.3) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.6) }),
  strike: ({ uplink }, parameters, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toCms" && isCall(text) && stream.chance(parameters.ratio) ? lost : undefined
    )
})

/**
 * Some of the CMS's answers get lost on their way: it has acted, and the station does not know. The station repeats.
 *
 * The CMS owes: one transaction for a start however often it comes, with the id it was given first.
 */
export const lostAnswers = define({
  name: "lost-answers",
  about: "A mobile downlink that fails before the uplink does; a firmware whose receive buffer is full.",
  owes: "one transaction for a start however often it comes, under the id that was given first",
  family: "network",
  fields: { ratio: ratio(0.3) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.6) }),
  strike: ({ uplink }, parameters, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toStation" && isAnswer(text) && stream.chance(parameters.ratio) ? lost : undefined
    )
})

/**
 * Some of the station's messages arrive twice, byte for byte: a duplicate message id.
 *
 * The CMS owes: the same answer to both, and one entry in the books.
 */
export const duplicates = define({
  name: "duplicates",
  about: "Firmware that sends again under the same message id when the answer is slow, as OCPP-J 4.1.4 lets it.",
  owes: "the same answer twice, and one entry in the books",
  family: "message",
  fields: { ratio: ratio(0.3) },
  draw: (stream) => ({ ratio: stream.between(0.05, 1) }),
  strike: ({ uplink }, parameters, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toCms" && isCall(text) && stream.chance(parameters.ratio) ? twice : undefined
    )
})
