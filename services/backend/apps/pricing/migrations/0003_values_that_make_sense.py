"""What typed SQL or QuerySet.update must not leave in a row, because no read of its organisation would survive it: a rule
or a zone that Python cannot read, an amount that is no number, a time that is not of the calendar, a product of an
organisation that has no currency. The forms and the API refuse the same with a sentence of their own.
"""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import migrations, models

MOMENTS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TOO_MUCH = Decimal(10**10)

# As apps/pricing/validation.py says. Bodies that are parsed now (RETURN), so that they find one another also where a dump
# is restored, with an empty search_path. The text of a jsonb value has one form; 7.0, which is no int in Python, is
# another text than 7.
SENSE = r"""
CREATE FUNCTION pricing_tiers_make_sense(tiers jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN tiers::text !~ '^\[\[\d{1,2}, \d{1,3}\](, \[\d{1,2}, \d{1,3}\]){0,19}\]$' THEN false ELSE (
    SELECT bool_and(days < sooner AND percent > less AND percent <= 100)
    FROM (SELECT days, percent, lag(days, 1, 31) OVER place AS sooner, lag(percent, 1, 0) OVER place AS less
          FROM (SELECT (pair ->> 0)::int AS days, (pair ->> 1)::int AS percent, number
                FROM jsonb_array_elements(tiers) WITH ORDINALITY AS each (pair, number)) pairs
          WINDOW place AS (ORDER BY number)) steps) END;

CREATE FUNCTION pricing_scope_makes_sense(scope jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(scope) <> 'object' THEN false ELSE
    scope - ARRAY['skus', 'date_kind'] = '{}'
    AND coalesce(scope -> 'date_kind', '"use_by"') IN ('"use_by"', '"best_before"')
    AND jsonb_typeof(coalesce(scope -> 'skus', '[]')) = 'array'
    AND NOT jsonb_path_exists(coalesce(scope -> 'skus', '[]'), 'strict $[*] ? (@.type() != "string" || @ == "")') END;

CREATE FUNCTION pricing_scopes_make_sense(scopes jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(scopes) <> 'array' THEN false ELSE NOT EXISTS (
    SELECT FROM jsonb_array_elements(scopes) AS each (scope) WHERE NOT pricing_scope_makes_sense(scope)) END;
"""
UNDO_SENSE = """
DROP FUNCTION pricing_scopes_make_sense(jsonb);
DROP FUNCTION pricing_scope_makes_sense(jsonb);
DROP FUNCTION pricing_tiers_make_sense(jsonb);
"""

# Which zones there are is no constant, so this is a trigger; for a statement, because PostgreSQL reads its list of zones
# from files (20 ms). It takes also names that Python does not have: europe/london, EST5EDT4, posix/Europe/London.
ZONE = """
CREATE FUNCTION pricing_zone_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given text[];
    unknown text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        given := ARRAY(SELECT DISTINCT tz FROM written WHERE tz <> 'UTC');
    ELSE
        given := ARRAY(SELECT tz FROM written EXCEPT SELECT tz FROM former);
    END IF;
    IF given <> '{}' THEN
        SELECT tz INTO unknown FROM unnest(given) AS tz WHERE tz NOT IN (
            SELECT name FROM pg_timezone_names WHERE name !~ '^(posix|right|localtime)') LIMIT 1;
    END IF;
    IF unknown IS NOT NULL THEN
        RAISE check_violation USING CONSTRAINT = 'zone_is_known',
            MESSAGE = format('There is no time zone %L: use an IANA name, such as Europe/London.', unknown);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER zones_inserted AFTER INSERT ON pricing_product REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION pricing_zone_check();

CREATE TRIGGER zones_changed AFTER UPDATE ON pricing_product REFERENCING NEW TABLE AS written OLD TABLE AS former
FOR EACH STATEMENT EXECUTE FUNCTION pricing_zone_check();
"""

# Deferred, as Django's own: a dump may load products first.
CURRENCY = """
ALTER TABLE pricing_product ADD CONSTRAINT products_have_a_currency FOREIGN KEY (organisation_id)
    REFERENCES pricing_pricingsettings (organisation_id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE pricing_product DROP CONSTRAINT products_have_a_currency;
DROP TRIGGER zones_changed ON pricing_product;
DROP TRIGGER zones_inserted ON pricing_product;
DROP FUNCTION pricing_zone_check();
"""


class Migration(migrations.Migration):
    dependencies = [("pricing", "0002_due_times")]

    operations = [
        migrations.RunSQL(SENSE, reverse_sql=UNDO_SENSE),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('manual_price__lt', TOO_MUCH), ('price__lt', TOO_MUCH)), name='batch_amounts_are_numbers'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('manual_until__range', MOMENTS), ('reprice_at__range', MOMENTS)), name='batch_times_are_of_the_calendar'),
        ),
        migrations.AddConstraint(
            model_name='discount',
            constraint=models.CheckConstraint(condition=models.Q(('price__lt', TOO_MUCH)), name='discount_amounts_are_numbers'),
        ),
        migrations.AddConstraint(
            model_name='discount',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from__range', MOMENTS), ('valid_to__range', MOMENTS)), name='discount_times_are_of_the_calendar'),
        ),
        migrations.AddConstraint(
            model_name='pricepoint',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['change', 'snapshot', 'manual'])), name='reason_is_known'),
        ),
        migrations.AddConstraint(
            model_name='pricepoint',
            constraint=models.CheckConstraint(condition=models.Q(('list_price__lt', TOO_MUCH), ('old_price__lt', TOO_MUCH), ('price__lt', TOO_MUCH)), name='price_point_amounts_are_numbers'),
        ),
        migrations.AddConstraint(
            model_name='pricepoint',
            constraint=models.CheckConstraint(condition=models.Q(('at__range', MOMENTS), ('undone_at__range', MOMENTS)), name='price_point_times_are_of_the_calendar'),
        ),
        migrations.AddConstraint(
            model_name='pricingsettings',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='currency_is_a_code'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('date_kind__in', ['use_by', 'best_before'])), name='date_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('cost__lt', TOO_MUCH), ('floor_price__lt', TOO_MUCH), ('list_price__lt', TOO_MUCH), ('rounding__lt', TOO_MUCH)), name='product_amounts_are_numbers'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('stale_since__range', MOMENTS)), name='product_times_are_of_the_calendar'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('policy__in', ['tiers', 'daily'])), name='policy_is_known'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Func(models.F('tiers'), function='pricing_tiers_make_sense', output_field=models.BooleanField()), name='tiers_make_sense'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Func(models.F('scope'), function='pricing_scope_makes_sense', output_field=models.BooleanField()), name='scope_makes_sense'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Func(models.F('stale_scopes'), function='pricing_scopes_make_sense', output_field=models.BooleanField()), name='stale_scopes_make_sense'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('stale_since__range', MOMENTS), ('valid_from__range', MOMENTS), ('valid_to__range', MOMENTS)), name='rule_times_are_of_the_calendar'),
        ),
        migrations.RunSQL(ZONE + CURRENCY, reverse_sql=UNDO),
    ]
