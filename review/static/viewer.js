// Looks closely at photographs: one large or two side by side, larger, turned, lighter. The page holds all texts.
"use strict";

(() => {
  const viewer = document.querySelector("[data-viewer]");
  const figures = [...(viewer?.querySelectorAll("[data-photograph]") ?? [])];
  const root = document.documentElement;
  if (!figures.length) return void (root.dataset.photographs = "ready");

  const LARGEST = 8;
  const asAtFirst = () => ({ scale: 1, x: 0, y: 0, turn: 0, brightness: 100, contrast: 100 });
  const views = figures.map(asAtFirst);
  const stages = figures.map((figure) => figure.querySelector(".stage"));
  let current = 0;
  let compares = false;
  let active = 0; // Which photograph the tools act on.

  const tools = viewer.querySelector(".tools");
  const tool = (name) => tools.querySelector(`[data-does="${name}"]`);

  const paint = (index) => {
    const view = views[index];
    const { clientWidth: width, clientHeight: height } = stages[index];
    const reach = (length) => (length * (view.scale - 1)) / 2;
    view.x = Math.max(-reach(width), Math.min(reach(width), view.x));
    view.y = Math.max(-reach(height), Math.min(reach(height), view.y));
    // A photograph that lies on its side must still fit its place.
    const fit = view.turn % 180 ? Math.min(width, height) / Math.max(width, height) : 1;
    const picture = stages[index].querySelector(".picture");
    stages[index].classList.toggle("zoomed", view.scale > 1);
    picture.style.transform = `translate(${view.x}px, ${view.y}px) rotate(${view.turn}deg) scale(${view.scale * fit})`;
    picture.querySelector(".photograph").style.filter = `brightness(${view.brightness}%) contrast(${view.contrast}%)`;
  };

  const arrange = () => {
    const second = compares ? (current + 1) % figures.length : current;
    figures.forEach((figure, index) => {
      figure.hidden = index !== current && index !== second;
      figure.classList.toggle("active", compares && index === active);
    });
    viewer.classList.toggle("compares", compares);
    viewer.querySelectorAll(".thumb").forEach((thumb, index) => thumb.setAttribute("aria-pressed", String(!figures[index].hidden)));
    tool("compare")?.setAttribute("aria-pressed", String(compares));
    for (const name of ["brightness", "contrast"]) tool(name).value = views[active][name];
    figures.forEach((figure, index) => figure.hidden || paint(index));
  };

  const choose = (index) => {
    active = index;
    arrange();
  };
  const show = (index) => {
    current = (index + figures.length) % figures.length;
    choose(current);
  };

  // Larger or smaller around a place of the stage, measured from its middle; that place stays where it is.
  const scaleBy = (index, factor, x = 0, y = 0) => {
    const view = views[index];
    const scale = Math.max(1, Math.min(LARGEST, view.scale * factor));
    view.x = x - ((x - view.x) * scale) / view.scale;
    view.y = y - ((y - view.y) * scale) / view.scale;
    view.scale = scale;
    paint(index);
  };
  const moveBy = (index, x, y) => {
    views[index].x += x;
    views[index].y += y;
    paint(index);
  };
  const fromMiddle = (stage, event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };

  const does = {
    in: () => scaleBy(active, 1.5),
    out: () => scaleBy(active, 1 / 1.5),
    turn: () => { views[active].turn = (views[active].turn + 90) % 360; paint(active); },
    next: () => show(current + 1),
    previous: () => show(current - 1),
    compare: () => { compares = !compares; choose(current); },
    reset: () => { views[active] = asAtFirst(); arrange(); },
    brightness: (input) => { views[active].brightness = Number(input.value); paint(active); },
    contrast: (input) => { views[active].contrast = Number(input.value); paint(active); },
  };
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-does]");
    if (button) does[button.dataset.does]();
  });
  tools.addEventListener("input", (event) => does[event.target.dataset.does]?.(event.target));

  const STEPS = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
  stages.forEach((stage, index) => {
    let dragged = null;
    stage.tabIndex = 0;
    stage.setAttribute("role", "group");
    stage.setAttribute("aria-label", stage.dataset.label);
    stage.addEventListener("focus", () => active === index || choose(index));
    stage.addEventListener("wheel", (event) => {
      if (event.deltaY > 0 && views[index].scale === 1) return; // Nothing to make smaller: the page scrolls.
      event.preventDefault();
      scaleBy(index, event.deltaY < 0 ? 1.2 : 1 / 1.2, ...fromMiddle(stage, event));
    }, { passive: false });
    stage.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS) || views[index].scale === 1) return;
      event.preventDefault();
      moveBy(index, ...STEPS[event.key]);
    });
    stage.addEventListener("pointerdown", (event) => {
      dragged = { x: event.clientX, y: event.clientY, far: false };
      stage.setPointerCapture(event.pointerId);
    });
    stage.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const [x, y] = [event.clientX - dragged.x, event.clientY - dragged.y];
      if (!dragged.far && Math.hypot(x, y) < 4) return;
      dragged = { x: event.clientX, y: event.clientY, far: true };
      moveBy(index, x, y);
    });
    stage.addEventListener("pointercancel", () => (dragged = null));
    stage.addEventListener("pointerup", (event) => {
      // A click without a drag does the same for people who cannot drag: that place comes to the middle.
      if (dragged && !dragged.far) {
        const [x, y] = fromMiddle(stage, event);
        if (views[index].scale === 1) scaleBy(index, 2, x, y);
        moveBy(index, -x, -y);
      }
      dragged = null;
    });
  });

  viewer.querySelectorAll(".thumb").forEach((thumb, index) => {
    const small = figures[index].querySelector(".photograph").cloneNode();
    small.alt = "";
    small.className = "";
    thumb.append(small);
    thumb.addEventListener("click", () => show(index));
  });

  const tell = (state) => {
    root.dataset.photographs = state;
    for (const text of viewer.querySelectorAll("[data-photographs]")) text.hidden = text.dataset.photographs !== state;
  };
  tell("loading");
  Promise.all(figures.map((figure) => figure.querySelector(".photograph").decode())).then(
    () => { tell("ready"); arrange(); },
    () => tell("failed"),
  );

  viewer.classList.add("enhanced");
  tools.hidden = false;
  for (const strip of viewer.querySelectorAll(".thumbs")) strip.hidden = false;
  addEventListener("resize", arrange);
  arrange();
})();
