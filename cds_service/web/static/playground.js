// The playground as an EHR: fires hooks, carries out what is accepted, sends feedback. Text from records is never put in as HTML here;
// what is drawn comes from the server, which escapes it.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const by = (id) => document.getElementById(id);
const FHIR = {"Content-Type": "application/fhir+json"};

// The orders on the desk: those of the patient's own story, and what is added. `selected`: picked for order-select.
let desk = data.orders.filter((order) => order.own).map((order) => ({...order}));
let last = null; // the last request and its answer

const hook = () => document.querySelector("input[name=hook]:checked").value;
const reference = (resource) => `${resource.resourceType}/${resource.id}`;
const say = (text) => { by("state").textContent = text; };

function element(name, text, attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  if (text) made.textContent = text;
  return made;
}

function showDesk() {
  by("orders").hidden = hook() === "patient-view";
  by("drafts").replaceChildren(...desk.map((order, number) => {
    const item = element("li");
    if (hook() === "order-select") {
      const label = element("label");
      const box = element("input", "", {type: "checkbox", checked: order.selected, onchange: (event) => { order.selected = event.target.checked; }});
      label.append(box, ` ${order.label}`);
      item.append(label);
    } else {
      item.append(order.label);
    }
    const gone = element("button", words.remove, {type: "button", onclick: () => { desk.splice(number, 1); showDesk(); }});
    gone.setAttribute("aria-label", `${words.remove}: ${order.label}`);
    item.append(" ", gone);
    return item;
  }));
  if (!desk.length) by("drafts").append(element("li", words.no_orders));
}

function add(resource, label) {
  desk = desk.filter((order) => reference(order.resource) !== reference(resource));
  desk.push({resource, label, selected: true});
  showDesk();
}

function hookRequest() {
  const context = {userId: data.user, patientId: data.patient};
  if (hook() !== "patient-view") {
    context.draftOrders = {resourceType: "Bundle", type: "collection", entry: desk.map((order) => ({resource: order.resource}))};
    if (hook() === "order-select") context.selections = desk.filter((order) => order.selected).map((order) => reference(order.resource));
  }
  return {hook: hook(), hookInstance: crypto.randomUUID(), fhirServer: data.fhir, context};
}

function post(url, body, headers = {"Content-Type": "application/json"}) {
  return fetch(url, {method: "POST", headers: {...headers, "Accept-Language": data.language}, body: JSON.stringify(body)});
}

function curl(url, body) {
  const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -s ${url} -H 'Content-Type: application/json' -H 'Accept-Language: ${data.language}' -d '${quoted}'`;
}

async function fire({quiet = false} = {}) {
  const answers = by("answers");
  answers.setAttribute("aria-busy", "true");
  say(words.firing);
  const service = data.services[hook()], request = hookRequest(), url = `/cds-services/${service}`;
  by("raw-request").textContent = JSON.stringify(request, null, 2);
  by("raw-curl").textContent = curl(new URL(url, location.href), request);
  try {
    const started = performance.now();
    const reply = await post(url, request);
    const response = await reply.json();
    const took = Math.round(performance.now() - started);
    by("raw-status").textContent = `${reply.status}, ${took} ms`;
    by("raw-response").textContent = JSON.stringify(response, null, 2);
    last = {service, request, response, status: reply.status};
    const drawn = await post("/playground/answers", last);
    await show(answers, drawn);
    say(words.answered.replace("{number}", response.cards ? response.cards.length : 0).replace("{ms}", took));
    if (!quiet) answers.focus({preventScroll: true});
  } catch (error) {
    last = null;
    answers.replaceChildren(element("p", words.no_answer, {className: "notice"}));
    say(words.no_answer);
  }
  answers.setAttribute("aria-busy", "false");
}

// A piece of page that our own server drew: text from a record is escaped there.
async function show(place, reply) {
  if (!reply.ok) throw new Error(`${reply.status}`);
  const drawn = new DOMParser().parseFromString(await reply.text(), "text/html");
  place.replaceChildren(...drawn.body.childNodes);
}

async function refreshRecord() {
  const reply = await fetch(location.pathname);
  const drawn = new DOMParser().parseFromString(await reply.text(), "text/html");
  by("record").replaceWith(drawn.getElementById("record"));
}

async function fhir(method, path, resource) {
  const reply = await fetch(`${data.fhir}/${path}`, {method, headers: FHIR, body: resource ? JSON.stringify(resource) : undefined});
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
  return reply.status === 204 ? null : reply.json();
}

function feedback(card, entry) {
  return post(`/cds-services/${last.service}/feedback`, {feedback: [{card: card.uuid, outcomeTimestamp: new Date().toISOString(), ...entry}]});
}

// What an EHR does with an accepted suggestion: the record changes, on the order hooks the desk too.
async function carryOut(action) {
  if (action.type === "create") {
    const saved = await fhir("POST", action.resource.resourceType, {authoredOn: new Date().toISOString(), ...action.resource});
    if (hook() !== "patient-view") add(saved, (saved.code || saved.medicationCodeableConcept || {}).text || action.description);
  } else if (action.type === "update") {
    await fhir("PUT", reference(action.resource), action.resource);
  } else if (action.type === "delete") {
    desk = desk.filter((order) => reference(order.resource) !== action.resourceId);
    await fhir("DELETE", action.resourceId);
  }
}

async function accept(article, number) {
  const card = last.response.cards[Number(article.dataset.card)];
  const suggestion = card.suggestions[number];
  for (const button of by("answers").querySelectorAll(".accept")) button.disabled = true;
  try {
    for (const action of suggestion.actions || []) await carryOut(action);
    const sent = await feedback(card, {outcome: "accepted", acceptedSuggestions: [{id: suggestion.uuid}]});
    showDesk();
    await refreshRecord();
    await fire();
    say(`${words.accepted.replace("{what}", suggestion.label)} ${sent.ok ? words.feedback_sent : words.feedback_failed}`);
  } catch (error) {
    say(words.failed);
    for (const button of by("answers").querySelectorAll(".accept")) button.disabled = false;
  }
}

async function override(article, form) {
  const card = last.response.cards[Number(article.dataset.card)];
  const reason = card.overrideReasons[Number(form.reason.value)];
  const entry = {outcome: "overridden", overrideReason: {reason: {code: reason.code, system: reason.system}}};
  if (form.comment.value.trim()) entry.overrideReason.userComment = form.comment.value.trim();
  const sent = await feedback(card, entry);
  if (sent.ok) article.classList.add("overridden");
  for (const control of article.querySelectorAll("button, input, select")) control.disabled = sent.ok;
  article.querySelector(".feedback").textContent = sent.ok ? words.overridden : words.feedback_failed;
}

// Suppositions are judged by the server; nothing is written anywhere.
async function whatIf(details, suppose) {
  const place = details.querySelector(".what-if-answer");
  place.textContent = words.thinking;
  try {
    const {service, request} = last;
    await show(place, await post("/playground/what-if", {service, request, recommendation: details.dataset.key, suppose}));
    place.focus({preventScroll: true});
  } catch (error) {
    place.textContent = words.failed;
  }
}

async function reset() {
  const example = await (await fetch(`/playground/examples/${data.patient}`)).json();
  const written = new Set(example.entry.map((entry) => reference(entry.resource)));
  const there = [...document.querySelectorAll(".resource")].map((item) => item.dataset.reference);
  for (const name of there.filter((name) => !written.has(name))) await fhir("DELETE", name);
  await fhir("POST", "", example);
  desk = data.orders.filter((order) => order.own).map((order) => ({...order}));
  showDesk();
  await refreshRecord();
  await fire();
}

// A link to evidence opens the resource that it leads to.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target || !target.classList.contains("resource")) return;
  for (let node = target.querySelector("details"); node; node = node.parentElement && node.parentElement.closest("details")) node.open = true;
  target.scrollIntoView({block: "center"});
}

by("hook-form").addEventListener("submit", (event) => { event.preventDefault(); fire(); });
by("hook-form").addEventListener("change", (event) => {
  if (event.target.name === "hook") { showDesk(); fire({quiet: true}); }
  if (event.target.id === "another" && event.target.value) {
    const order = data.orders[Number(event.target.value)];
    add(structuredClone(order.resource), order.label);
    event.target.value = "";
  }
});
if (by("reset")) by("reset").addEventListener("click", () => reset().catch(() => say(words.failed)));
by("copy").addEventListener("click", async () => {
  try { await navigator.clipboard.writeText(by("raw-curl").textContent); by("copied").textContent = words.copied; }
  catch (error) { getSelection().selectAllChildren(by("raw-curl")); by("copied").textContent = words.copy_by_hand; }
});
by("answers").addEventListener("click", (event) => {
  const article = event.target.closest("article"), details = event.target.closest("details.recommendation");
  if (event.target.matches(".accept")) accept(article, Number(event.target.dataset.suggestion));
  if (event.target.matches(".what-if")) whatIf(details, []);
  if (event.target.matches(".try")) whatIf(details, JSON.parse(event.target.dataset.suppose));
});
by("answers").addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.matches(".override-form")) override(event.target.closest("article"), event.target);
  if (event.target.matches(".suppose-form")) {
    const chosen = [...event.target.querySelectorAll("select")].map((select) => select.value).filter(Boolean);
    whatIf(event.target.closest("details.recommendation"), chosen);
  }
});
addEventListener("hashchange", openTarget);
showDesk();
fire({quiet: true}).then(openTarget);
