/* What the rate signals say of a visit: whether it is at risk, and whether it is affected
 * (docs/friction.md).  All of them look at what follows inside the visit's leg, which
 * friction_read.c has found out. */
#include "analysis/friction.h"

#include "base/checked.h"

static int friction_is_followed(const sj__friction_here *here)
{
    return here->number + 1 < here->leg->visit_to || here->leg->ending == SJ__LEG_CONVERTS;
}

sj__friction_verdict sj__friction_judge(const sj__friction_reader *reader, int32_t signal,
                                        const sj__friction_here *here)
{
    const sj__friction *friction = reader->friction;
    const sj__visit *visits = reader->legs.visits;
    const sj__friction_look *look = here->look;
    const uint32_t place = here->visit->touchpoint, next = here->number + 1;
    const uint32_t stage = friction->map->touchpoint[place].stage;
    const int has_next = next < here->leg->visit_to;
    sj__friction_verdict out = {.at_risk = 1,
                                .is_unit = here->is_first,
                                .is_open = here->is_open,
                                .converted = here->in_time};
    switch (signal) {
    case SJ__FRICTION_DROP_OFF:
        out = (sj__friction_verdict){.at_risk = 1,
                                     .affected = !has_next && here->leg->ending == SJ__LEG_NULL,
                                     .is_unit = 1,
                                     .is_open = here->leg->open,
                                     .converted = here->leg->ending == SJ__LEG_CONVERTS};
        break;
    case SJ__FRICTION_BACKTRACK:
        out.at_risk = stage != SJ__NO_ID &&
                      (look->staged != SJ__NO_ID || here->leg->ending == SJ__LEG_CONVERTS);
        out.affected = look->staged != SJ__NO_ID &&
                       friction->map->touchpoint[visits[look->staged].touchpoint].stage < stage;
        break;
    case SJ__FRICTION_LOOP:
        out.affected = look->same != SJ__NO_ID &&
                       look->same - here->number <= friction->loop_visits &&
                       (look->higher == SJ__NO_ID || look->same < look->higher);
        break;
    case SJ__FRICTION_UNEXPECTED:
        out.at_risk = has_next;
        out.affected =
            has_next && !sj__expected_has(&friction->expected, place, visits[next].touchpoint);
        break;
    default: /* ping-pong: over the transition that leads here */
        out.at_risk = here->visit->position > 1 && friction_is_followed(here);
        out.affected =
            out.at_risk && has_next && visits[next].touchpoint == (here->visit - 1)->touchpoint &&
            sj__time_since(visits[next].start, here->visit->start) <= friction->ping_pong_span;
        break;
    }
    return out;
}
