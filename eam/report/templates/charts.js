"use strict";
Object.entries(specs).forEach(([name, spec]) => draw(`chart-${name}`, spec));
