// A score with its reasons: what moved it, up or down, beside the values it comes from.
import { element, make, number, percent } from "./page.js";

export function show(answer, values, about) {
  const [{ probability, prediction, contributions, missing, missing_count: lacking, unknown }] = answer.predictions;
  element("probability").textContent = percent(probability);
  element("verdict").textContent = `to buy${about}. ${prediction ? "At or above" : "Below"} the threshold of ${percent(answer.threshold)}: ${prediction ? "act" : "do not act"}.`;
  element("meter").value = probability;
  const notes = [];
  if (lacking) notes.push(`Training always knew ${lacking} feature${lacking > 1 ? "s" : ""} that this row lacks: ${missing.join(", ")}${lacking > missing.length ? " and more" : ""}.`);
  if (unknown) notes.push(`Nothing is known of this ${unknown.map((id) => (id === "user_id" ? "shopper before that moment" : "item")).join(", nor of this ")}.`);
  element("missing").textContent = notes.join(" ");
  element("missing").hidden = !notes.length;
  const largest = Math.max(...contributions.map((c) => Math.abs(c.contribution)));
  element("reasons").replaceChildren(...contributions.map((c) => reason(c, values[c.feature], largest)));
  element("history").hidden = true;
  element("result").hidden = false;
  element("result").scrollIntoView({ block: "nearest" });
}

function reason({ feature, contribution }, value, largest) {
  const share = `${contribution < 0 ? "−" : "+"}${Math.abs(contribution).toFixed(2)}`;
  return make("li", {}, [
    make("span", { className: "feature", textContent: feature }),
    make("span", { className: "value", textContent: typeof value === "number" ? number(value) : value ?? "missing" }),
    make("span", { className: "track", ariaHidden: "true" }, [bar(contribution / largest)]),
    make("span", { className: "share", textContent: share }),
  ]);
}

function bar(share) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const width = 50 * Math.abs(share);
  for (const [name, value] of Object.entries({ x: share < 0 ? 50 - width : 50, y: 1, width, height: 8, class: share < 0 ? "down" : "up" })) rect.setAttribute(name, value);
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(rect);
  return svg;
}
