"""What the database itself says of due times: triggers, because a change may come from a service, an admin page,
QuerySet.update or SQL typed by hand. A run that writes prices touches none of their columns, so it pays nothing.
"""

from django.db import migrations

# The rules as plain data for the price function, in one value: so a page of batches and their rules are one query.
RULES = """
CREATE FUNCTION pricing_rules(organisation bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_agg(jsonb_build_array(id, name, policy, tiers, scope, valid_from, valid_to) ORDER BY id)::text
    FROM pricing_rule WHERE organisation_id = organisation AND active
$$;
"""

# A batch that is further away from its date than any discount reaches is looked at when it comes nearer (the 31st day
# before it, in whatever zone): the run would pass it by every hour.
DUE = """
CREATE FUNCTION pricing_due(expires date, wanted timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(wanted, (expires - 31)::timestamp AT TIME ZONE 'UTC')
$$;
"""

# The last date that is so many days away, where the day began first.
REACH = """
CREATE FUNCTION pricing_reach(moment timestamptz, days integer) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (moment AT TIME ZONE 'Pacific/Kiritimati')::date + days
$$;
"""

BATCH = """
CREATE FUNCTION pricing_batch_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    product record;
BEGIN
    SELECT organisation_id, list_price INTO product FROM pricing_product WHERE id = NEW.product_id;
    NEW.organisation_id := product.organisation_id;
    IF TG_OP = 'INSERT' THEN
        NEW.price := coalesce(NEW.price, product.list_price);
    END IF;
    NEW.reprice_at := pricing_due(NEW.expires_on, clock_timestamp());
    RETURN NEW;
END $$;

CREATE TRIGGER batch_inserted BEFORE INSERT ON pricing_batch
FOR EACH ROW EXECUTE FUNCTION pricing_batch_changed();

CREATE TRIGGER batch_changed BEFORE UPDATE OF product_id, organisation_id, received_on, expires_on, qty, manual_price,
    manual_until ON pricing_batch FOR EACH ROW
WHEN ((NEW.product_id, NEW.organisation_id, NEW.received_on, NEW.expires_on) IS DISTINCT FROM
      (OLD.product_id, OLD.organisation_id, OLD.received_on, OLD.expires_on)
      OR (NEW.qty > 0) <> (OLD.qty > 0)
      OR (NEW.manual_price, NEW.manual_until) IS DISTINCT FROM (OLD.manual_price, OLD.manual_until))
EXECUTE FUNCTION pricing_batch_changed();
"""

# clock_timestamp(), because two changes in one second must not look alike to who clears the mark.
PRODUCT = """
CREATE FUNCTION pricing_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stale_since := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER product_changed BEFORE UPDATE OF sku, list_price, floor_price, cost, date_kind, tz, rounding
    ON pricing_product FOR EACH ROW
WHEN ((NEW.sku, NEW.list_price, NEW.floor_price, NEW.cost, NEW.date_kind, NEW.tz, NEW.rounding) IS DISTINCT FROM
      (OLD.sku, OLD.list_price, OLD.floor_price, OLD.cost, OLD.date_kind, OLD.tz, OLD.rounding))
EXECUTE FUNCTION pricing_product_changed();
"""

RULE = """
CREATE FUNCTION pricing_rule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stale_since := clock_timestamp();
    IF TG_OP = 'UPDATE' THEN
        NEW.stale_scopes := OLD.stale_scopes;
        IF OLD.active AND OLD.scope <> ALL (ARRAY(SELECT jsonb_array_elements(NEW.stale_scopes))) THEN
            NEW.stale_scopes := NEW.stale_scopes || jsonb_build_array(OLD.scope);
        END IF;
    END IF;
    IF NEW.active AND NEW.scope <> ALL (ARRAY(SELECT jsonb_array_elements(NEW.stale_scopes))) THEN
        NEW.stale_scopes := NEW.stale_scopes || jsonb_build_array(NEW.scope);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rule_inserted BEFORE INSERT ON pricing_rule FOR EACH ROW WHEN (NEW.active)
EXECUTE FUNCTION pricing_rule_changed();

CREATE TRIGGER rule_changed BEFORE UPDATE OF active, scope, tiers, policy, valid_from, valid_to ON pricing_rule
FOR EACH ROW
WHEN ((OLD.active OR NEW.active)
      AND (NEW.active, NEW.scope, NEW.tiers, NEW.policy, NEW.valid_from, NEW.valid_to) IS DISTINCT FROM
          (OLD.active, OLD.scope, OLD.tiers, OLD.policy, OLD.valid_from, OLD.valid_to))
EXECUTE FUNCTION pricing_rule_changed();
"""

UNDO = """
DROP TRIGGER rule_changed ON pricing_rule;
DROP TRIGGER rule_inserted ON pricing_rule;
DROP FUNCTION pricing_rule_changed();
DROP TRIGGER product_changed ON pricing_product;
DROP FUNCTION pricing_product_changed();
DROP TRIGGER batch_changed ON pricing_batch;
DROP TRIGGER batch_inserted ON pricing_batch;
DROP FUNCTION pricing_batch_changed();
DROP FUNCTION pricing_reach(timestamptz, integer);
DROP FUNCTION pricing_due(date, timestamptz);
DROP FUNCTION pricing_rules(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]

    operations = [migrations.RunSQL(RULES + DUE + REACH + BATCH + PRODUCT + RULE, reverse_sql=UNDO)]
