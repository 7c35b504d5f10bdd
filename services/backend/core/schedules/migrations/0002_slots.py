

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schedules', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedule',
            name='catch_up',
            field=models.CharField(choices=[('skip', 'Skip'), ('once', 'Once'), ('all', 'All')], default='once', help_text='What becomes of missed slots', max_length=10),
        ),
        migrations.AddField(
            model_name='schedule',
            name='declared',
            field=models.BooleanField(default=True, help_text='By the code; one made by hand is never an orphan'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='handled_until',
            field=models.DateTimeField(help_text='Every slot until then is on record or was not owed', null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='min_changed',
            field=models.PositiveBigIntegerField(help_text='A run that changes fewer rows did too little', null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='min_seconds',
            field=models.FloatField(help_text='A run that takes less was too quick', null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='run_limit_seconds',
            field=models.PositiveIntegerField(help_text='A run that takes longer took too long', null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='snoozed_until',
            field=models.DateTimeField(help_text='Slots until then are left out, and are not missed', null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='start_grace_seconds',
            field=models.PositiveIntegerField(default=300, help_text='A slot that is claimed later than this was missed'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='times',
            field=models.TextField(blank=True, help_text='When it was due as beat last saw it; empty: it was switched off'),
        ),
    ]
