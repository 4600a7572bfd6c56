/* The toy in C, for python -m eam peers: the same source is compiled twice, plainly and at full tilt.

   f = rho^2 + rho^3 + rho^4 / 4,  rho = sum_i exp(-3 (x_i + 1))

   Every kernel is void (double *out, const double *x, size_t n) and is called through a pointer, so
   that no call is moved out of the timing loop. */

#include <math.h>
#include <stddef.h>
#include <time.h>

typedef void kernel(double *out, const double *x, size_t n);

static double density(const double *x, size_t n)
{
    double rho = 0.0;
    for (size_t i = 0; i < n; i++)
        rho += exp(-3.0 * (x[i] + 1.0));
    return rho;
}

/* f into out[0] */
void value(double *out, const double *x, size_t n)
{
    double rho = density(x, n);
    *out = rho * rho + rho * rho * rho + 0.25 * rho * rho * rho * rho;
}

/* The gradient as the forum post writes it: two exp per element. */
void gradient_literal(double *out, const double *x, size_t n)
{
    double rho = density(x, n);
    double slope = 2.0 * rho + 3.0 * rho * rho + rho * rho * rho;
    for (size_t i = 0; i < n; i++)
        out[i] = slope * (-3.0 * exp(-3.0 * (x[i] + 1.0)));
}

/* The gradient with each exp kept in out between the passes. */
void gradient_once(double *restrict out, const double *restrict x, size_t n)
{
    double rho = 0.0;
    for (size_t i = 0; i < n; i++) {
        out[i] = exp(-3.0 * (x[i] + 1.0));
        rho += out[i];
    }
    double factor = -3.0 * (2.0 * rho + 3.0 * rho * rho + rho * rho * rho);
    for (size_t i = 0; i < n; i++)
        out[i] *= factor;
}

/* What any gradient must move: x read once, out written once. */
void copy(double *restrict out, const double *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = x[i];
}

/* Seconds for so many calls. */
double seconds(kernel *call, double *out, const double *x, size_t n, size_t calls)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (size_t k = 0; k < calls; k++)
        call(out, x, n);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}
