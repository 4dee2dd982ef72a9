// What to say while an answer has not begun.
import { t } from "./i18n.js";
import { latest } from "./activity.js";

export function waitingText(job, node) {
  if (!job || job.node !== node || node.content || node.reasoning || node.calls) {
    return "";
  }
  const ahead = latest()?.waiting ?? 0;
  if (job.state === "waiting" && ahead > 0) {
    return t("waitingBehind", { count: ahead, n: ahead });
  }
  return t(job.state === "sent" ? "sent" : "reading");
}
